import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';

/** An address that no page has: an old link, or one with a slip. */
export function MissingPage() {
  const { state, i18n } = useApp();
  return (
    <div class="chat-state" role="alert">
      <p>{i18n.t('missing.text')}</p>
      <Button onClick={() => state.router.go(null)}>{i18n.t('sidebar.new')}</Button>
    </div>
  );
}
