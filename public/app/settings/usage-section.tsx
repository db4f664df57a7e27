import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { UsageReport, UsageTotal } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { cents, money, tokens } from '../state/amounts.ts';
import { createLoaded } from '../state/loaded.ts';
import { FactList } from '../ui/fact-list.tsx';
import { SectionState } from './section-state.tsx';

/** What I have used today and this month, and how much is left. */
export function UsageSection() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const store = useMemo(() => createLoaded(async () => (await state.rest.get<{ usage: UsageReport }>('/api/usage')).usage), []);
  useEffect(() => void store.load(), []);
  const usage = store.value.value;
  if (usage === null) return <SectionState label={t('spent.loading')} error={store.error.value} onRetry={() => void store.load()} />;
  const { limits, today, thisMonth } = usage;
  const sum = today.inputTokens + today.outputTokens;
  return (
    <div class="account-section">
      <Period title={t('spent.today')} date={i18n.date(usage.day, { dateStyle: 'medium', timeZone: 'UTC' })} total={today}>
        <Bar
          name={t('spent.tokenLimit')}
          share={shareOf(sum, limits.tokensPerDay)}
          warnPercent={limits.warnPercent}
          words={t('spent.tokensOf', { used: tokens(i18n, sum), limit: tokens(i18n, limits.tokensPerDay) })}
        />
        <Bar
          name={t('spent.budget')}
          share={shareOf(today.costMicroUsd, limits.centsPerDay * 1e4)}
          warnPercent={limits.warnPercent}
          words={t('spent.costOf', { used: money(i18n, today.costMicroUsd), limit: cents(i18n, limits.centsPerDay) })}
        />
      </Period>
      <Period
        title={t('spent.month')}
        date={i18n.date(`${usage.month}-15`, { year: 'numeric', month: 'long', calendar: 'gregory' })}
        total={thisMonth}
      >
        <Bar
          name={t('spent.budget')}
          share={shareOf(thisMonth.costMicroUsd, limits.centsPerMonth * 1e4)}
          warnPercent={limits.warnPercent}
          words={t('spent.costOf', { used: money(i18n, thisMonth.costMicroUsd), limit: cents(i18n, limits.centsPerMonth) })}
        />
      </Period>
      <p class="account-lead">{t('spent.hint')}</p>
    </div>
  );
}

/** Percent of a limit, at most 100; null where there is none. */
function shareOf(used: number, limit: number): number | null {
  return limit <= 0 ? null : Math.min(100, Math.floor((used / limit) * 100));
}

interface PeriodProps {
  readonly title: string;
  readonly date: string;
  readonly total: UsageTotal;
  readonly children: ComponentChildren;
}

function Period({ title, date, total, children }: PeriodProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const facts = [
    ['spent.cost', money(i18n, total.costMicroUsd)],
    ['spent.requests', i18n.number(total.requests)],
    ['spent.input', tokens(i18n, total.inputTokens)],
    ['spent.output', tokens(i18n, total.outputTokens)],
  ] as const;
  return (
    <section class="period">
      <h3>
        {title} <small>{date}</small>
      </h3>
      <FactList class="period-facts" facts={facts.map(([key, value]) => [t(key), value] as const)} />
      {children}
    </section>
  );
}

interface BarProps {
  readonly name: string;
  readonly words: string;
  readonly share: number | null;
  readonly warnPercent: number;
}

/** How much of a limit is used; nothing where there is no limit. The bar grows along the line of text. */
function Bar({ name, words, share, warnPercent }: BarProps) {
  if (share === null) return null;
  const state = share >= 100 ? 'full' : warnPercent > 0 && share >= warnPercent ? 'warning' : 'ok';
  return (
    <div class="bar-row">
      <p class="bar-words">
        <span>{name}</span>
        <bdi>{words}</bdi>
      </p>
      <svg
        class="bar"
        data-state={state}
        viewBox="0 0 100 4"
        preserveAspectRatio="none"
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share}
        aria-valuetext={words}
      >
        <rect class="bar-ground" width="100" height="4" />
        <rect class="bar-fill" width={share} height="4" />
      </svg>
    </div>
  );
}
