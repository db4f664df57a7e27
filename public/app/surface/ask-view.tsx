import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { AskPart } from '../../../src/protocol/surface-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { type RequestError, toRequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { AskChoice } from './ask-choice.tsx';
import { AskFiles } from './ask-files.tsx';
import { AskForm } from './ask-form.tsx';
import { AskText } from './ask-text.tsx';
import { GivenAnswer } from './given-answer.tsx';

export interface AskViewProps {
  readonly part: AskPart;
  readonly message: Message;
}

/** What each kind of question takes. */
export interface AskInputProps {
  readonly askId: string;
  readonly prompt: string;
  readonly busy: boolean;
  /** The server refused an answer. */
  readonly error: RequestError | null;
  readonly onSend: (value: unknown) => void;
  /** Stands beside the button that sends. */
  readonly skip: ComponentChildren;
}

const signs: Readonly<Record<AskPart['status'], IconName>> = { open: 'info', answered: 'check', cancelled: 'close', expired: 'clock' };

/** A question of a plugin: its form while it waits, in every tab; afterwards what was answered. */
export function AskView({ part, message }: AskViewProps) {
  const { state, i18n } = useApp();
  const { askId, spec } = part;
  // What another tab did is known before the message says so.
  const status = part.status === 'open' ? (state.surface.asks.ending(askId) ?? 'open') : part.status;
  const open = status === 'open' && !isOver(part.expiresAt, state.clock.now());
  const shown = open ? 'open' : status === 'open' ? 'expired' : status;
  return (
    <section class="ask" tabIndex={-1} data-status={shown} data-ask={askId} aria-label={i18n.t('ask.question', { prompt: spec.prompt })}>
      <header class="ask-head">
        <Icon name={signs[shown]} size="sm" />
        <p class="ask-prompt" dir="auto">
          {spec.prompt}
        </p>
        {open ? <Until expiresAt={part.expiresAt} /> : <span class="ask-status">{i18n.t(`ask.${shown}`)}</span>}
      </header>
      {open ? <OpenAsk part={part} message={message} /> : <GivenAnswer part={part} />}
    </section>
  );
}

function Until({ expiresAt }: Pick<AskPart, 'expiresAt'>) {
  const { i18n } = useApp();
  if (expiresAt === undefined) return null;
  return <span class="ask-status">{i18n.t('ask.until', { time: i18n.date(expiresAt, { dateStyle: 'medium', timeStyle: 'short' }) })}</span>;
}

const isOver = (expiresAt: string | undefined, now: number): boolean => expiresAt !== undefined && Date.parse(expiresAt) <= now;

function OpenAsk({ part }: AskViewProps) {
  const { state, i18n } = useApp();
  const { asks } = state.surface;
  const { askId, spec } = part;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const [said, setSaid] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A region speaks of what changes in it, not of what it came with.
    const timer = asks.announce(askId) ? setTimeout(() => setSaid(i18n.t('ask.came', { prompt: spec.prompt })), 100) : undefined;
    return () => clearTimeout(timer);
  }, [askId]);
  const settle = (work: Promise<void>) => {
    setBusy(true);
    setError(null);
    // The form gives way to the answer: the focus stays at the question.
    const section = frame.current?.closest<HTMLElement>('.ask');
    work
      .then(
        () => section?.focus(),
        (cause: unknown) => setError(toRequestError(cause)),
      )
      .finally(() => setBusy(false));
  };
  const skip = (
    <Button variant="ghost" disabled={busy} onClick={() => settle(asks.cancel(askId))}>
      {i18n.t('ask.skip')}
    </Button>
  );
  const input: AskInputProps = { askId, prompt: spec.prompt, busy, error, skip, onSend: (value) => settle(asks.reply(askId, value)) };
  const field = error?.details?.params?.['field'];
  const beside = spec.kind === 'form' && typeof field === 'string' && spec.fields.some(({ id }) => id === field);
  return (
    <div class="ask-body" ref={frame}>
      <span class="visually-hidden" role="status">
        {said}
      </span>
      {spec.kind === 'text' ? <AskText {...input} spec={spec} /> : null}
      {spec.kind === 'file' ? <AskFiles {...input} spec={spec} /> : null}
      {spec.kind === 'choice' ? <AskChoice {...input} spec={spec} /> : null}
      {spec.kind === 'form' ? <AskForm {...input} spec={spec} /> : null}
      <div aria-live="polite">
        {error === null || beside ? null : (
          <p class="ui-field-error">
            <Icon name="alert" size="sm" />
            {explain(i18n, error)}
          </p>
        )}
      </div>
    </div>
  );
}
