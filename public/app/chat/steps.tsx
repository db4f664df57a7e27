import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { Spinner } from '../ui/spinner.tsx';
import type { StepPart } from './message-parts.ts';

export function Steps({ steps }: { readonly steps: readonly StepPart[] }) {
  return (
    <ol class="steps">
      {steps.map((step) => (
        <li
          key={step.stepId}
          class="step"
          data-nested={step.parentStepId === undefined ? undefined : ''}
          data-status={step.status ?? 'succeeded'}
        >
          <Step step={step} />
        </li>
      ))}
    </ol>
  );
}

function Step({ step }: { readonly step: StepPart }) {
  const { i18n } = useApp();
  const { input, output, status = 'succeeded' } = step;
  return (
    <details class="fold">
      <summary class="fold-summary">
        {status === 'running' ? <Spinner /> : <Icon name={status === 'failed' ? 'alert' : 'check'} size="sm" />}
        <bdi>{i18n.has(`step.name.${step.name}`) ? i18n.t(`step.name.${step.name}`) : step.name}</bdi>
        <span class="visually-hidden">{i18n.t(`step.${status}`)}</span>
        <Icon name="chevron-down" size="sm" />
      </summary>
      <div class="fold-body">
        {input === undefined ? null : <StepText label={i18n.t('step.input')} text={input} />}
        {output === undefined ? null : <StepText label={i18n.t('step.output')} text={output} />}
      </div>
    </details>
  );
}

function StepText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <>
      <p class="step-label">{label}</p>
      <pre class="step-text" dir="auto">
        {text}
      </pre>
    </>
  );
}
