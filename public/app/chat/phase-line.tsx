import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';

export interface PhaseLineProps {
  readonly conversationId: string;
  /** Nothing of the answer is there yet. */
  readonly empty: boolean;
}

/** What the server is doing while no text comes: waiting, thinking, or trying the model again in so many seconds. */
export function PhaseLine({ conversationId, empty }: PhaseLineProps) {
  const { state, i18n } = useApp();
  const phase = state.generations.running.value.get(conversationId)?.phase;
  const retryAt = phase?.state === 'retrying' ? (phase.retryAt ?? null) : null;
  const seconds = useCountdown(retryAt);
  if (!empty && phase?.state !== 'retrying' && phase?.state !== 'waiting') return null;
  const words =
    phase?.state === 'retrying'
      ? seconds > 0
        ? i18n.t('phase.retryingIn', { count: seconds })
        : i18n.t('phase.retrying')
      : i18n.t(phase?.state === 'thinking' ? 'phase.thinking' : 'phase.waiting');
  return (
    <p class="phase" data-state={phase?.state ?? 'waiting'}>
      <span class="phase-dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <span>{words}</span>
    </p>
  );
}

function useCountdown(until: number | null): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (until === null) return;
    const timer = setInterval(() => tick((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
