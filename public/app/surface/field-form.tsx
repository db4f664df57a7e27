import { useState } from 'preact/hooks';
import type { Field } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { type FieldProblem, type FieldValues, tabsOf } from '../state/surface-fields.ts';
import { Tabs } from '../ui/tabs.tsx';
import { FieldView } from './field-view.tsx';

export interface FieldFormProps {
  readonly fields: readonly Field[];
  readonly values: FieldValues;
  readonly problems: ReadonlyMap<string, FieldProblem>;
  readonly onChange: (values: FieldValues) => void;
}

/** Fields of a plugin, on tabs where it names some. */
export function FieldForm(props: FieldFormProps) {
  const { i18n } = useApp();
  const tabs = tabsOf(props.fields);
  const [chosen, setChosen] = useState('0');
  if (tabs.length < 2) return <FieldList {...props} />;
  const index = Math.min(Number(chosen), tabs.length - 1);
  // What is wrong on another tab must be found.
  const wrong = (own: readonly Field[]) => own.some(({ id }) => props.problems.has(id));
  return (
    <Tabs
      label={i18n.t('field.tabs')}
      tabs={tabs.map(({ title, fields }, at) => ({
        id: String(at),
        label: `${title ?? i18n.t('field.general')}${wrong(fields) ? ' ⚠' : ''}`,
      }))}
      chosen={String(index)}
      onChoose={setChosen}
    >
      <FieldList {...props} fields={tabs[index]?.fields ?? []} />
    </Tabs>
  );
}

function FieldList({ fields, values, problems, onChange }: FieldFormProps) {
  return (
    <div class="field-list">
      {fields.map((field) => (
        <FieldView
          key={field.id}
          field={field}
          value={values[field.id] ?? null}
          problem={problems.get(field.id)}
          onChange={(value) => onChange({ ...values, [field.id]: value })}
        />
      ))}
    </div>
  );
}

/** Puts the person where the first problem is. */
export function focusProblem(root: HTMLElement | null, problems: ReadonlyMap<string, FieldProblem>): void {
  const first = problems.keys().next().value;
  if (first === undefined) return;
  root?.querySelector<HTMLElement>(`[data-field="${CSS.escape(first)}"] :is(input, textarea, select)`)?.focus();
}
