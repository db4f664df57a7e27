import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';

/** Beside the title of a conversation that goes on from another one. */
export function ForkMark({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useApp().i18n;
  if (conversation.forkedFrom === undefined) return null;
  return (
    <span class="fork-mark" role="img" aria-label={t('fork.from')} title={t('fork.from')}>
      <Icon name="fork" size="sm" />
    </span>
  );
}
