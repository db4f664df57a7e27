import type { Message } from '../../../src/protocol/shapes.ts';
import type { TasksPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { Spinner } from '../ui/spinner.tsx';

export interface TaskListProps {
  readonly part: TasksPart;
  readonly message: Message;
}

/** What a plugin has to do, and how far it is. */
export function TaskList({ part: { title, items }, message }: TaskListProps) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const done = items.filter(({ status }) => status === 'done').length;
  const name = title ?? t('tasks.title');
  return (
    <section class="tasks" aria-label={name}>
      <header class="tasks-head">
        <Icon name="tasks" size="sm" />
        <h3 class="tasks-title" dir="auto">
          {name}
        </h3>
        <span class="tasks-count">{t('tasks.count', { done, all: items.length })}</span>
      </header>
      <progress class="progress tasks-progress" aria-hidden="true" value={done} max={Math.max(1, items.length)} />
      <ol class="tasks-list">
        {items.map(({ id, title: words, status, messageId }) => (
          <li key={id} class="task" data-status={status}>
            <TaskMark status={status} />
            {messageId === undefined ? (
              <span dir="auto">{words}</span>
            ) : (
              <button type="button" class="task-link" dir="auto" onClick={() => actions.openAt(message.conversationId, messageId)}>
                {words}
              </button>
            )}
            <span class="visually-hidden">{t(`tasks.${status}`)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function TaskMark({ status }: { readonly status: TasksPart['items'][number]['status'] }) {
  if (status === 'running') return <Spinner />;
  if (status === 'ready') return <span class="task-open" aria-hidden="true" />;
  return <Icon name={status === 'done' ? 'check' : 'alert'} size="sm" />;
}
