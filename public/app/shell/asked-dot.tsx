import { useApp } from '../app-context.ts';

/** A question of a plugin waits in this conversation. */
export function AskedDot({ conversationId }: { readonly conversationId: string }) {
  const { state, i18n } = useApp();
  if (!state.surface.asks.waiting.value.has(conversationId)) return null;
  const words = i18n.t('sidebar.asked');
  return (
    <span class="asked-dot" role="img" aria-label={words} title={words}>
      {i18n.direction() === 'rtl' ? '؟' : '?'}
    </span>
  );
}
