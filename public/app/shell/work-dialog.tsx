import { useApp } from '../app-context.ts';
import { Dialog } from '../ui/dialog.tsx';
import { WorkForm } from './side-pages.tsx';

/** The form of a work on pictures, wherever on the page it was asked for. */
export function WorkDialog() {
  const { i18n, actions } = useApp();
  const draft = actions.jobs.draft.value;
  const close = () => actions.jobs.choose(null);
  const title = draft?.kind === undefined ? i18n.t('work.title') : actions.jobs.titleOf(draft.kind);
  return (
    <Dialog open={draft !== null} onClose={close} title={title} closeLabel={i18n.t('action.close')}>
      {draft === null ? null : <WorkForm draft={draft} onDone={close} />}
    </Dialog>
  );
}
