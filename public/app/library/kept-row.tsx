import type { ComponentChildren } from 'preact';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { RequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

export interface KeptRowProps {
  readonly title: string;
  readonly hint: string;
  /** Where it can be opened; without it the title is only words. */
  readonly href?: string;
  readonly onOpen?: () => void;
  /** What can be done with it. */
  readonly children: ComponentChildren;
}

/** A conversation that stands in no list of the side bar. */
export function KeptRow({ title, hint, href, onOpen, children }: KeptRowProps) {
  return (
    <li class="kept-row">
      <div class="kept-words">
        {href === undefined ? (
          <span class="kept-title page-side" dir="auto">
            {title}
          </span>
        ) : (
          <a
            class="kept-title page-side"
            dir="auto"
            href={href}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              onOpen?.();
            }}
          >
            {title}
          </a>
        )}
        <span class="kept-hint">{hint}</span>
      </div>
      <div class="kept-actions">{children}</div>
    </li>
  );
}

export interface KeptStateProps {
  readonly list: { readonly loading: boolean; readonly error: RequestError | null };
  readonly onRetry: () => void;
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
}

/** What stands in the place of a list without rows. */
export function KeptState({ list, onRetry, icon, title, hint }: KeptStateProps) {
  const { i18n } = useApp();
  if (list.error !== null) {
    return (
      <div class="page-error" role="alert">
        <span>{explain(i18n, list.error)}</span>
        <Button size="sm" onClick={onRetry}>
          {i18n.t('action.retry')}
        </Button>
      </div>
    );
  }
  if (list.loading) {
    return (
      <div role="status" aria-busy="true" aria-label={i18n.t('boot.loading')}>
        <Skeleton lines={6} />
      </div>
    );
  }
  return (
    <div class="page-state">
      <Icon name={icon} size="lg" />
      <h2>{title}</h2>
      <p>{hint}</p>
    </div>
  );
}
