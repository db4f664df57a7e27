import type { ComponentChildren } from 'preact';
import { useApp } from '../app-context.ts';
import { addressOf, type SidePage } from '../state/router.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

const works = [
  { page: 'gallery', icon: 'gallery' },
  { page: 'jobs', icon: 'tasks' },
] as const;

const kept = [
  { page: 'archive', icon: 'archive' },
  { page: 'trash', icon: 'trash' },
] as const;

interface LinksProps {
  readonly onClose: () => void;
}

/** The ways to the pictures that were made here, and to the work that makes them. */
export function WorkLinks({ onClose }: LinksProps) {
  const { state, i18n } = useApp();
  const open = state.jobs.open.value.size + state.pendingJobs.items.value.length;
  return (
    <nav class="work-links" aria-label={i18n.t('work.links')}>
      {works.map((link) => (
        <PageLink key={link.page} {...link} onClose={onClose}>
          {link.page === 'jobs' && open > 0 ? (
            <span class="work-count">
              <span aria-hidden="true">{i18n.number(open)}</span>
              <span class="visually-hidden">{i18n.t('jobs.openCount', { count: open })}</span>
            </span>
          ) : null}
        </PageLink>
      ))}
    </nav>
  );
}

/** Where conversations are that stand in no list. */
export function KeptLinks({ onClose }: LinksProps) {
  const { i18n } = useApp();
  return (
    <nav class="kept-links" aria-label={i18n.t('kept.links')}>
      {kept.map((link) => (
        <PageLink key={link.page} {...link} onClose={onClose} />
      ))}
    </nav>
  );
}

interface PageLinkProps extends LinksProps {
  readonly page: SidePage;
  readonly icon: IconName;
  readonly children?: ComponentChildren;
}

function PageLink({ page, icon, onClose, children }: PageLinkProps) {
  const { state, i18n } = useApp();
  return (
    <a
      class="work-link"
      href={addressOf(page)}
      aria-current={page === state.router.route.value.page ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        state.router.open(page);
        if (matchMedia('(max-width: 52rem)').matches) onClose();
      }}
    >
      <Icon name={icon} size="sm" />
      <span>{i18n.t(`${page}.title`)}</span>
      {children}
    </a>
  );
}
