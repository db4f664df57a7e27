import { useEffect, useRef, useState } from 'preact/hooks';
import type { AskSpec } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { type FieldProblem, type FieldValues, problemsOf, sentOf, startOf } from '../state/surface-fields.ts';
import { Button } from '../ui/button.tsx';
import type { AskInputProps } from './ask-view.tsx';
import { FieldForm, focusProblem } from './field-form.tsx';

export interface AskFormProps extends AskInputProps {
  readonly spec: Extract<AskSpec, { kind: 'form' }>;
}

const none: ReadonlyMap<string, FieldProblem> = new Map();

/** A question that wants a filled form. What is wrong is said beside its field, once the person has tried to send it. */
export function AskForm({ askId, busy, error, spec, skip, onSend }: AskFormProps) {
  const { state, i18n } = useApp();
  const { asks } = state.surface;
  const [values, setValues] = useState<FieldValues>(() => startOf(spec.fields, readValues(asks.readDraft(askId))));
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState(none);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const field = error?.details?.params?.['field'];
    const next = typeof field === 'string' ? new Map([[field, { key: 'field.refused', params: {} }]]) : none;
    setRefused(next);
    focusProblem(form.current, next);
  }, [error]);
  const problems = tried ? problemsOf(spec.fields, values) : none;
  return (
    <form
      ref={form}
      class="ask-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = problemsOf(spec.fields, values);
        setTried(true);
        if (found.size > 0) focusProblem(form.current, found);
        else if (!busy) onSend(sentOf(spec.fields, values));
      }}
    >
      <FieldForm
        fields={spec.fields}
        values={values}
        problems={problems.size > 0 ? problems : refused}
        onChange={(next) => {
          setValues(next);
          setRefused(none);
          asks.keepDraft(askId, next);
        }}
      />
      <div class="ask-buttons">
        <Button type="submit" variant="primary" busy={busy}>
          <bdi>{spec.submitLabel ?? i18n.t('ask.answer')}</bdi>
        </Button>
        {skip}
      </div>
    </form>
  );
}

function readValues(draft: unknown): FieldValues {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this page; the server checks what is sent
  return typeof draft === 'object' && draft !== null && !Array.isArray(draft) ? (draft as FieldValues) : {};
}
