import { useState } from 'preact/hooks';
import type { Prompt } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { type Prompts, variablesOf } from '../state/prompts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { KeptState } from './kept-row.tsx';
import type { PromptsView } from './prompts-dialog.tsx';
import { useInsertText } from './use-insert-prompt.ts';

export interface PromptListProps {
  readonly prompts: Prompts;
  readonly onView: (view: PromptsView) => void;
}

/** From this many on, a field to find one helps. */
const manyPrompts = 6;

export function PromptList({ prompts, onView }: PromptListProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [query, setQuery] = useState('');
  const all = prompts.items.value;
  const wanted = query.trim().toLocaleLowerCase();
  const shown = all.filter(({ title, text }) => `${title}\n${text}`.toLocaleLowerCase().includes(wanted));
  return (
    <div class="prompts">
      <div class="prompts-tools">
        {all.length < manyPrompts ? (
          <p class="prompts-lead">{t('prompts.lead')}</p>
        ) : (
          <div class="search-field">
            <Icon name="search" size="sm" />
            <input
              type="search"
              class="search-input"
              dir="auto"
              placeholder={t('prompts.search')}
              aria-label={t('prompts.search')}
              value={query}
              onInput={(event) => setQuery(event.currentTarget.value)}
            />
          </div>
        )}
        <Button size="sm" icon="plus" onClick={() => onView({ show: 'edit', prompt: null })}>
          {t('prompts.new')}
        </Button>
      </div>
      {all.length === 0 ? (
        <KeptState
          list={{ loading: prompts.phase.value !== 'ready', error: prompts.error.value }}
          onRetry={() => void prompts.load()}
          icon="book"
          title={t('prompts.empty')}
          hint={t('prompts.emptyHint')}
        />
      ) : (
        <ul class="prompt-rows">
          {shown.map((prompt) => (
            <PromptRow key={prompt.id} prompt={prompt} prompts={prompts} onView={onView} />
          ))}
        </ul>
      )}
      {all.length > 0 && shown.length === 0 ? (
        <p class="page-nothing" role="status">
          {t('sidebar.nothing', { query })}
        </p>
      ) : null}
    </div>
  );
}

function PromptRow({ prompt, prompts, onView }: PromptListProps & { readonly prompt: Prompt }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const insert = useInsertText();
  const remove = useRemovePrompt(prompts);
  const label = t('prompts.actions', { title: prompt.title });
  const use = () => (variablesOf(prompt.text).length === 0 ? insert(prompt.text) : onView({ show: 'fill', prompt }));
  return (
    <li class="prompt-row">
      <button type="button" class="prompt-use" onClick={use}>
        <span class="prompt-title page-side" dir="auto">
          {prompt.title}
        </span>
        <span class="prompt-text page-side" dir="auto">
          {prompt.text}
        </span>
      </button>
      <Menu
        label={label}
        align="end"
        items={() => [
          { id: 'edit', label: t('action.edit'), icon: 'edit', onSelect: () => onView({ show: 'edit', prompt }) },
          { id: 'delete', label: t('action.delete'), icon: 'trash', danger: true, onSelect: () => remove(prompt) },
        ]}
        trigger={(props) => <IconButton {...props} icon="more" size="sm" label={label} tooltip="none" />}
      />
    </li>
  );
}

/** Takes a prompt away, and says how to have it back. */
function useRemovePrompt(prompts: Prompts): (prompt: Prompt) => void {
  const { i18n, actions, toasts } = useApp();
  return (prompt) => {
    const { title, text } = prompt;
    prompts
      .remove(prompt)
      .then(() =>
        toasts.add({
          text: i18n.t('prompts.deleted', { title }),
          tone: 'info',
          action: { label: i18n.t('action.undo'), onSelect: () => void prompts.create({ title, text }).catch(actions.fail) },
        }),
      )
      .catch(actions.fail);
  };
}
