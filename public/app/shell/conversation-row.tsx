import { Component, type ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { AskedDot } from './asked-dot.tsx';
import { dragConversation } from './conversation-drag.ts';
import { ConversationMenu } from './conversation-menu.tsx';
import { ForkMark } from './fork-mark.tsx';
import { TitleEditor } from './title-editor.tsx';

export interface ConversationRowProps {
  readonly conversation: Conversation;
  /** It is the one on the page. */
  readonly shown: boolean;
  readonly running: boolean;
}

/** Drawn again only when something of it changed, though the rows around it may have moved. */
export class ConversationRow extends Component<ConversationRowProps> {
  override shouldComponentUpdate({ conversation, shown, running }: ConversationRowProps): boolean {
    const now = this.props;
    return conversation !== now.conversation || shown !== now.shown || running !== now.running;
  }

  override render(props: ConversationRowProps) {
    return <Row {...props} />;
  }
}

function Row(props: ConversationRowProps) {
  const { state, i18n } = useApp();
  const { conversation } = props;
  return (
    <RowFrame {...props} onOpen={() => state.router.go(conversation.id)}>
      <span class="conversation-title page-side" dir="auto">
        {conversation.title || i18n.t('conversation.untitled')}
      </span>
    </RowFrame>
  );
}

export interface RowFrameProps extends ConversationRowProps {
  readonly onOpen: () => void;
  readonly children: ComponentChildren;
}

/** The link, its menu, and the field of a new title. */
export function RowFrame({ conversation, shown, running, onOpen, children }: RowFrameProps) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const [editing, setEditing] = useState(false);
  if (editing) {
    return (
      <li class="conversation-row" data-editing>
        <TitleEditor
          title={conversation.title}
          onDone={(next) => {
            setEditing(false);
            if (next !== null) actions.rename(conversation, next);
          }}
        />
      </li>
    );
  }
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <li class="conversation-row" data-shown={shown ? '' : undefined}>
      <a
        class="conversation-link"
        href={`/c/${conversation.id}`}
        aria-current={shown ? 'page' : undefined}
        title={conversation.title}
        onClick={open}
        onDragStart={(event) => dragConversation(event, conversation.id)}
      >
        {running ? <span class="running-dot" role="img" aria-label={t('sidebar.running')} /> : null}
        {children}
        <ForkMark conversation={conversation} />
        <AskedDot conversationId={conversation.id} />
      </a>
      <ConversationMenu conversation={conversation} place="row" onRename={() => setEditing(true)} />
    </li>
  );
}
