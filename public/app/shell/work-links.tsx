import { useApp } from '../app-context.ts';
import { addressOf } from '../state/router.ts';
import { Icon } from '../ui/icon.tsx';

const links = [
  { page: 'gallery', icon: 'gallery' },
  { page: 'jobs', icon: 'tasks' },
] as const;

/** The ways to the pictures that were made here, and to the work that makes them. */
export function WorkLinks({ onClose }: { readonly onClose: () => void }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const shown = state.router.route.value.page;
  const open = state.jobs.open.value.size + state.pendingJobs.items.value.length;
  return (
    <nav class="work-links" aria-label={t('work.links')}>
      {links.map(({ page, icon }) => (
        <a
          key={page}
          class="work-link"
          href={addressOf(page)}
          aria-current={page === shown ? 'page' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            state.router.open(page);
            if (matchMedia('(max-width: 52rem)').matches) onClose();
          }}
        >
          <Icon name={icon} size="sm" />
          <span>{t(`${page}.title`)}</span>
          {page === 'jobs' && open > 0 ? (
            <span class="work-count">
              <span aria-hidden="true">{i18n.number(open)}</span>
              <span class="visually-hidden">{t('jobs.openCount', { count: open })}</span>
            </span>
          ) : null}
        </a>
      ))}
    </nav>
  );
}
