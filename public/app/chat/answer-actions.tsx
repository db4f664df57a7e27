import { useState } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { money } from '../state/amounts.ts';
import type { Thread } from '../state/thread.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { BranchSwitcher } from './branch-switcher.tsx';
import { CopyButton } from './copy-button.tsx';
import { FavouriteStar } from './favourite-star.tsx';
import { FeedbackDialog } from './feedback-dialog.tsx';
import { MessageMenu } from './message-menu.tsx';
import { textOf } from './message-parts.ts';

export function AnswerActions({ thread, message }: { readonly thread: Thread; readonly message: Message }) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const [asking, setAsking] = useState(false);
  const text = textOf(message.parts);
  const value = message.feedback?.value;
  const empty = message.parts.length === 0;
  // Work on pictures has buttons of its own; no model answered here.
  const work = message.parts.some(({ type }) => type === 'job');
  return (
    <div class="message-actions">
      <BranchSwitcher thread={thread} id={message.id} />
      {text === '' || work ? null : <CopyButton text={text} />}
      {work ? null : <IconButton icon="refresh" size="sm" label={t('action.regenerate')} onClick={() => actions.regenerate(message)} />}
      {empty || work ? null : (
        <>
          <IconButton
            icon="thumbs-up"
            size="sm"
            label={t('feedback.good')}
            pressed={value === 1}
            onClick={() => void actions.feedback(message, 1)}
          />
          <IconButton icon="thumbs-down" size="sm" label={t('feedback.bad')} pressed={value === -1} onClick={() => setAsking(true)} />
        </>
      )}
      <FavouriteStar message={message} />
      <MessageMenu thread={thread} message={message} text={text} />
      <AnswerFacts message={message} />
      <FeedbackDialog
        open={asking}
        onClose={() => setAsking(false)}
        onSend={(comment) => {
          setAsking(false);
          void actions.feedback(message, -1, comment === '' ? undefined : comment);
        }}
      />
    </div>
  );
}

/** The model and what the answer cost, in small letters. */
function AnswerFacts({ message }: { readonly message: Message }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { model, usage } = message;
  const label = state.settings.info.value?.models.find((one) => one.id === model)?.label ?? model;
  const spent = usage === undefined ? 0 : usage.outputTokens + usage.thoughtTokens;
  const details =
    usage === undefined ? '' : t('usage.details', { input: usage.inputTokens, output: usage.outputTokens, thought: usage.thoughtTokens });
  const cost = usage?.costMicroUsd === undefined ? [] : [money(i18n, usage.costMicroUsd)];
  return (
    <span class="answer-facts" title={[details, ...cost].join(' · ')}>
      {label === undefined ? null : <bdi>{label}</bdi>}
      {spent === 0 ? null : <span>{t(usage?.estimated === true ? 'usage.about' : 'usage.tokens', { count: spent })}</span>}
      <time dateTime={message.createdAt}>{i18n.date(message.createdAt, { hour: 'numeric', minute: '2-digit' })}</time>
    </span>
  );
}
