import '../../styles/compare.css';
import { useEffect, useState } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { textOf } from '../chat/message-parts.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import type { Thread } from '../state/thread.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { CompareColumn } from './compare-column.tsx';
import { type Side, type SideChoice, sideFrom, useSideName } from './compare-side.ts';

const narrowQuery = '(max-width: 48rem)';

/** Two answers to one question beside each other, on phones one behind the other; the person goes on with one of them. */
export function CompareAnswers({ request, onClose }: DialogProps<'compare'>) {
  const { state, i18n } = useApp();
  const { conversationId, messageId } = request;
  const thread = state.messages.thread(conversationId);
  const message = thread?.message(messageId)?.value;
  return (
    <Dialog open onClose={onClose} title={i18n.t('compare.title')} closeLabel={i18n.t('action.close')} size="lg" steady>
      {thread === undefined || message === undefined ? (
        <p>{i18n.t('compare.gone')}</p>
      ) : (
        <Comparison thread={thread} message={message} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface ComparisonProps {
  readonly thread: Thread;
  readonly message: Message;
  readonly onClose: () => void;
}

function Comparison({ thread, message, onClose }: ComparisonProps) {
  const { state, i18n, actions } = useApp();
  const others = thread.siblings(message.id).filter((id) => id !== message.id);
  const [sides, setSides] = useState<readonly [Side, Side]>(() => {
    const newest = others.at(-1);
    return [{ kind: 'version', id: message.id }, newest === undefined ? { kind: 'open' } : { kind: 'version', id: newest }];
  });
  const [tab, setTab] = useState<'0' | '1'>('1');
  const narrow = useNarrow();
  const nameOf = useSideName(thread);
  useEffect(
    () =>
      state.connection.onFrame((frame) => {
        if (frame.type !== 'message.accepted') return;
        const arrived = (side: Side): Side =>
          side.kind === 'asked' && side.clientMessageId === frame.clientMessageId ? { kind: 'version', id: frame.answer.id } : side;
        setSides(([first, second]) => [arrived(first), arrived(second)]);
      }),
    [],
  );

  const choose = (index: 0 | 1, choice: SideChoice) => {
    const next = sideFrom(choice, (model) => actions.regenerateWith(message, model));
    if (next !== null) setSides(index === 0 ? [next, sides[1]] : [sides[0], next]);
  };
  const goOn = (id: string) => {
    // Its branch may be shown already: the newest answer is.
    if (!thread.branch.peek().includes(id)) actions.switchBranch(id);
    onClose();
  };
  const column = (index: 0 | 1) => (
    <CompareColumn
      key={index}
      thread={thread}
      side={sides[index]}
      other={sides[index === 0 ? 1 : 0]}
      messageId={message.id}
      onChoose={(choice) => choose(index, choice)}
      onGoOn={goOn}
    />
  );
  // There is little room in a tab of a phone.
  const namesDiffer = nameOf(sides[0], true) !== nameOf(sides[1], true);
  const question = message.parentId === null ? undefined : thread.message(message.parentId)?.value;
  return (
    <div class="compare">
      {question === undefined ? null : (
        <p class="compare-question" dir="auto">
          {textOf(question.parts)}
        </p>
      )}
      {narrow ? (
        <Tabs
          label={i18n.t('compare.title')}
          tabs={[
            { id: '0', label: nameOf(sides[0], namesDiffer) },
            { id: '1', label: nameOf(sides[1], namesDiffer) },
          ]}
          chosen={tab}
          onChoose={setTab}
        >
          {column(tab === '0' ? 0 : 1)}
        </Tabs>
      ) : (
        <div class="compare-columns">
          {column(0)}
          {column(1)}
        </div>
      )}
    </div>
  );
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(narrowQuery).matches);
  useEffect(() => {
    const media = matchMedia(narrowQuery);
    const turned = () => setNarrow(media.matches);
    media.addEventListener('change', turned);
    return () => media.removeEventListener('change', turned);
  }, []);
  return narrow;
}
