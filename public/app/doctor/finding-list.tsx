import '../../styles/doctor.css';
import type { Finding } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { sortFindings } from '../state/check-up.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { findingWords } from './finding-words.ts';

const icons: Record<Finding['state'], IconName> = { ok: 'check', warning: 'alert', problem: 'close', unknown: 'info' };

export interface FindingListProps {
  readonly findings: readonly Finding[];
  /** In the flow of a chat: small, and what needs nobody is folded away. */
  readonly compact?: boolean;
}

/** What a check-up found, problems first. */
export function FindingList({ findings, compact = false }: FindingListProps) {
  const { i18n } = useApp();
  const sorted = sortFindings(findings);
  if (!compact) return <Items findings={sorted} compact={false} />;
  const wrong = sorted.filter(({ state }) => state === 'problem' || state === 'warning');
  const rest = sorted.filter((finding) => !wrong.includes(finding));
  return (
    <>
      {wrong.length === 0 ? null : <Items findings={wrong} compact />}
      {rest.length === 0 ? null : (
        <details class="findings-rest">
          <summary>{i18n.t('doctor.rest', { count: rest.length })}</summary>
          <Items findings={rest} compact />
        </details>
      )}
    </>
  );
}

function Items({ findings, compact }: { readonly findings: readonly Finding[]; readonly compact: boolean }) {
  return (
    <ul class="findings" data-compact={compact ? '' : undefined}>
      {findings.map((finding, index) => (
        <FindingItem key={`${finding.code}-${index}`} finding={finding} compact={compact} />
      ))}
    </ul>
  );
}

function FindingItem({ finding, compact }: { readonly finding: Finding; readonly compact: boolean }) {
  const { i18n } = useApp();
  const { title, text, mend, own } = findingWords(i18n, finding);
  const dir = own ? undefined : 'auto';
  const brief = compact && finding.state === 'ok';
  return (
    <li class="finding" data-state={finding.state}>
      <span class="finding-mark">
        <Icon name={icons[finding.state]} size="sm" />
        <span class="visually-hidden">{i18n.t(`doctor.state.${finding.state}`)}</span>
      </span>
      <div class="finding-words">
        <p class="finding-title" dir={dir}>
          {title}
        </p>
        {brief ? null : (
          <p class="finding-text" dir={dir}>
            {text}
          </p>
        )}
        {mend === '' ? null : (
          <p class="finding-mend">
            <span class="finding-mend-label">{i18n.t('doctor.mendLabel')}</span>{' '}
            {/* Own words may begin with the name of a variable, which must not turn the sentence round. */}
            {own ? <span>{mend}</span> : <bdi>{mend}</bdi>}
          </p>
        )}
      </div>
    </li>
  );
}
