import { useApp } from '../app-context.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { Icon } from '../ui/icon.tsx';

/** The model's thoughts: closed unless asked for, with a sign of life while they grow. */
export function Thoughts({ text, live }: { readonly text: string; readonly live: boolean }) {
  const { i18n } = useApp();
  return (
    <details class="fold">
      <summary class="fold-summary" data-live={live ? '' : undefined}>
        <Icon name="thought" size="sm" />
        <span>{i18n.t(live ? 'thoughts.live' : 'thoughts.done')}</span>
        <Icon name="chevron-down" size="sm" />
      </summary>
      <div class="fold-body" dir="auto">
        <Markdown source={text} streaming={live} />
      </div>
    </details>
  );
}
