import { computed, type ReadonlySignal, type Signal } from '@preact/signals';
import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { money, tokens } from '../state/amounts.ts';
import type { AppState } from '../state/app-state.ts';
import { FactList } from '../ui/fact-list.tsx';
import { Icon } from '../ui/icon.tsx';
import { type ContextUse, contextUse, nearlyFull } from './context-use.ts';
import { placeNear } from './place-near.ts';

export interface ContextGaugeProps {
  readonly conversationId: string | null;
  readonly text: Signal<string>;
}

/** A quiet ring: how full the model's window is. What it opens says it in numbers, and what the conversation has cost. */
export function ContextGauge({ conversationId, text }: ContextGaugeProps) {
  const { state, i18n } = useApp();
  const id = useId();
  const popover = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const use = useMemo(() => followUse(state, conversationId, text), [conversationId]).value;
  // Placed when its words are there: it is as high as they are.
  useLayoutEffect(() => {
    const anchor = button.current?.getBoundingClientRect();
    if (open && popover.current !== null && anchor !== undefined) placeNear(popover.current, anchor, 'above');
  }, [open, use]);
  if (use === null) return null;
  const { t } = i18n;
  const label = use.share === null ? t('gauge.title') : t('gauge.label', { share: percent(i18n, use.share) });
  return (
    <>
      <button
        ref={button}
        type="button"
        class="ui-icon-button gauge"
        popovertarget={id}
        aria-expanded={open}
        aria-label={label}
        data-size="md"
        data-variant="ghost"
        data-tooltip={open ? undefined : label}
        data-full={(use.share ?? 0) >= nearlyFull ? '' : undefined}
      >
        {use.share === null ? <Icon name="gauge" /> : <Ring share={use.share} />}
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        class="gauge-popover"
        role="group"
        aria-label={t('gauge.title')}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open ? <Numbers use={use} conversationId={conversationId} /> : null}
      </div>
    </>
  );
}

/** A token of a running answer paints nothing here. */
function followUse(state: AppState, conversationId: string | null, text: Signal<string>): ReadonlySignal<ContextUse | null> {
  return computed(() => {
    const thread = state.messages.current.value;
    if (thread === null || thread.conversationId !== conversationId) return null;
    const branch = thread.branch.value.flatMap((id) => {
      const message = thread.message(id);
      if (message === undefined) return [];
      // Told of the end only, which comes with the count.
      void computed(() => message.value.status).value;
      return [message.peek()];
    });
    const models = state.settings.info.value?.models ?? [];
    const chosen = state.settings.effective(conversationId).model;
    return contextUse(branch, models.find((model) => model.id === chosen) ?? models[0], text.value);
  });
}

const percent = (i18n: ReturnType<typeof useApp>['i18n'], share: number) =>
  i18n.number(share, { style: 'percent', ...(share < 0.01 ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: 0 }) });

function Ring({ share }: { readonly share: number }) {
  return (
    <svg class="gauge-ring" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <circle class="gauge-track" cx="10" cy="10" r="7.5" />
      {/* A little is shown as a little, not as nothing. */}
      <circle
        class="gauge-arc"
        cx="10"
        cy="10"
        r="7.5"
        pathLength={100}
        stroke-dasharray={`${Math.max(3, share * 100)} 100`}
        transform="rotate(-90 10 10)"
      />
    </svg>
  );
}

function Numbers({ use, conversationId }: { readonly use: ContextUse; readonly conversationId: string | null }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { used, draft, window, share, costMicroUsd, unpriced } = use;
  const partial = conversationId !== null && state.messages.current.value?.nextCursor.value !== null;
  const ofWindow = window === null ? tokens(i18n, used) : t('gauge.of', { used: tokens(i18n, used), window: tokens(i18n, window) });
  const facts: readonly (readonly [string, string])[] = [
    [t('gauge.context'), ofWindow],
    ...(share === null ? [] : [[t('gauge.full'), percent(i18n, share)] as const]),
    ...(draft === 0 ? [] : [[t('gauge.draft'), t('gauge.about', { count: draft })] as const]),
    ...(costMicroUsd === null ? [] : [[t(partial ? 'gauge.costLoaded' : 'gauge.cost'), money(i18n, costMicroUsd)] as const]),
  ];
  return (
    <>
      <h2 class="gauge-title">{t('gauge.title')}</h2>
      <FactList class="gauge-facts" facts={facts} />
      {costMicroUsd !== null && unpriced ? <p>{t('gauge.unpriced')}</p> : null}
      <p>{t(share !== null && share >= nearlyFull ? 'gauge.nearlyFull' : 'gauge.hint')}</p>
    </>
  );
}
