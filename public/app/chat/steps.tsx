import '../../styles/surface.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { CodeBlock } from '../markdown/code-block.tsx';
import { duration, milliseconds } from '../state/amounts.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { Spinner } from '../ui/spinner.tsx';
import type { StepPart } from './message-parts.ts';
import { type StepNode, stepMs, stepTree } from './step-tree.ts';

/** What was done on the way to an answer. Fetched with the first step. */
export function Steps({ steps }: { readonly steps: readonly StepPart[] }) {
  const { i18n } = useApp();
  const roots = useMemo(() => stepTree(steps), [steps]);
  return <StepList nodes={roots} label={i18n.t('step.list')} />;
}

function StepList({ nodes, label }: { readonly nodes: readonly StepNode[]; readonly label?: string }) {
  return (
    <ol class="steps" aria-label={label}>
      {nodes.map((node) => (
        <li key={node.step.stepId} class="step" data-status={node.step.status ?? 'succeeded'}>
          <StepView node={node} />
        </li>
      ))}
    </ol>
  );
}

function StepView({ node: { step, children } }: { readonly node: StepNode }) {
  const { i18n } = useApp();
  const { input, output, status = 'succeeded' } = step;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? (step.open === true || (status === 'running' && children.length > 0));
  const name = i18n.has(`step.name.${step.name}`) ? i18n.t(`step.name.${step.name}`) : step.name;
  const head = (
    <>
      <StepMark step={step} />
      <bdi class="step-name">{name}</bdi>
      <span class="visually-hidden">{i18n.t(`step.${status}`)}</span>
      {children.length > 0 && !open ? <span class="step-count">{i18n.t('step.inside', { count: children.length })}</span> : null}
      <StepTime step={step} />
    </>
  );
  if (input === undefined && output === undefined && children.length === 0) return <p class="fold-summary step-plain">{head}</p>;
  return (
    <details class="fold step-fold" open={open} onToggle={(event) => event.currentTarget.open !== open && setChosen(!open)}>
      <summary class="fold-summary">
        {head}
        <Icon name="chevron-down" size="sm" />
      </summary>
      {open ? (
        <div class="fold-body step-body">
          {input === undefined ? null : <StepText label={i18n.t('step.input')} text={input} language={step.language} />}
          {children.length === 0 ? null : <StepList nodes={children} />}
          {output === undefined ? null : <StepText label={i18n.t('step.output')} text={output} language={step.language} />}
        </div>
      ) : null}
    </details>
  );
}

/** Its state; a step that went well may show its own sign. */
function StepMark({ step: { status = 'succeeded', icon } }: { readonly step: StepPart }) {
  if (status === 'running') return <Spinner />;
  return <Icon name={status === 'failed' ? 'alert' : iconFrom(icon, 'check')} size="sm" />;
}

const tickMs = 1000;

function StepTime({ step }: { readonly step: StepPart }) {
  const { i18n, state } = useApp();
  const running = step.status === 'running';
  const [, tick] = useState(0);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => tick((count) => count + 1), tickMs);
    return () => clearInterval(timer);
  }, [running]);
  const ms = stepMs(step, running ? state.clock.now() : undefined);
  // What is over at once has no time worth reading.
  if (ms === null || ms < (running ? tickMs : 100)) return null;
  return (
    <span class="step-time">
      {ms < 60_000 ? milliseconds(i18n, running ? Math.floor(ms / 1000) * 1000 : ms) : duration(i18n, ms / 1000)}
    </span>
  );
}

interface StepTextProps {
  readonly label: string;
  readonly text: string;
  readonly language: string | undefined;
}

function StepText({ label, text, language }: StepTextProps) {
  const node = useMemo(() => ({ type: 'code', language: language ?? '', text, closed: true }) as const, [text, language]);
  return (
    <section class="step-part" aria-label={label}>
      <p class="step-label">{label}</p>
      {language === undefined || language === '' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <pre class="step-text" dir="auto" tabIndex={0}>
          {text}
        </pre>
      ) : (
        <CodeBlock node={node} />
      )}
    </section>
  );
}
