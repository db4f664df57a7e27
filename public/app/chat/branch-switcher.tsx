import { useApp } from '../app-context.ts';
import type { Thread } from '../state/thread.ts';
import { IconButton } from '../ui/icon-button.tsx';

/** ‹ 2/3 › where a message was edited or answered more than once. */
export function BranchSwitcher({ thread, id }: { readonly thread: Thread; readonly id: string }) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const siblings = thread.siblings(id);
  if (siblings.length < 2) return null;
  const index = siblings.indexOf(id);
  const before = siblings[index - 1];
  const after = siblings[index + 1];
  return (
    <span class="branches" role="group" aria-label={t('branch.label', { index: index + 1, total: siblings.length })}>
      <IconButton
        icon="chevron-left"
        size="sm"
        label={t('branch.previous')}
        disabled={before === undefined}
        onClick={() => before !== undefined && actions.switchBranch(before)}
      />
      <span class="branches-count" aria-hidden="true">
        {t('branch.count', { index: index + 1, total: siblings.length })}
      </span>
      <IconButton
        icon="chevron-right"
        size="sm"
        label={t('branch.next')}
        disabled={after === undefined}
        onClick={() => after !== undefined && actions.switchBranch(after)}
      />
    </span>
  );
}
