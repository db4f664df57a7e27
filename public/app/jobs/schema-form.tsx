import { useId } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { FieldValue, FieldValues, FormField } from '../state/form-fields.ts';
import { inWords, ownWords } from '../state/plugin-words.ts';

export interface SchemaFieldsProps {
  readonly fields: readonly FormField[];
  readonly values: FieldValues;
  readonly onChange: (values: FieldValues) => void;
}

/** The fields of a form that a plugin describes; the server checks what is sent. */
export function SchemaFields({ fields, values, onChange }: SchemaFieldsProps) {
  return (
    <div class="schema-fields">
      {fields.map((field) => (
        <SchemaField
          key={field.name}
          field={field}
          value={values[field.name]}
          onChange={(value) => {
            if (value !== undefined) onChange({ ...values, [field.name]: value });
            else onChange(Object.fromEntries(Object.entries(values).filter(([name]) => name !== field.name)));
          }}
        />
      ))}
    </div>
  );
}

interface FieldProps<F extends FormField = FormField> {
  readonly field: F;
  readonly value: FieldValue | undefined;
  /** undefined: not set. */
  readonly onChange: (value: FieldValue | undefined) => void;
}

function SchemaField({ field, value, onChange }: FieldProps) {
  const { i18n } = useApp();
  const id = useId();
  const title = inWords(i18n, field.title);
  // A hint in a foreign language helps less than none.
  const hint = field.description === null ? null : ownWords(i18n.locale.value, field.description);
  if (field.kind === 'toggle') {
    return (
      <label class="check-row">
        <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
        <span>
          <bdi>{title}</bdi>
          {hint === null ? null : <small dir="auto">{hint}</small>}
        </span>
      </label>
    );
  }
  const described = hint === null ? {} : { 'aria-describedby': `${id}-hint` };
  return (
    <div class="form-field">
      <label class="ui-field-label" for={id} dir="auto">
        {title}
      </label>
      <Control id={id} field={field} value={value} onChange={onChange} described={described} />
      {hint === null ? null : (
        <small class="ui-field-hint" id={`${id}-hint`} dir="auto">
          {hint}
        </small>
      )}
    </div>
  );
}

interface ControlProps extends FieldProps {
  readonly id: string;
  readonly described: { readonly 'aria-describedby'?: string };
}

function Control({ id, field, value, onChange, described }: ControlProps) {
  const { i18n } = useApp();
  if (field.kind === 'choice') {
    const labelOf = ({ value: option, title }: (typeof field.options)[number]) =>
      title !== null ? inWords(i18n, title) : i18n.has(`option.${option}`) ? i18n.t(`option.${option}`) : String(option);
    return (
      <select
        id={id}
        class="select"
        {...described}
        value={typeof value === 'object' ? '' : String(value ?? '')}
        onChange={(event) => onChange(field.options.find((option) => String(option.value) === event.currentTarget.value)?.value)}
      >
        {value === undefined ? <option value="">{i18n.t('settings.default')}</option> : null}
        {field.options.map((option) => (
          <option key={String(option.value)} value={String(option.value)}>
            {labelOf(option)}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === 'number') return <NumberControl id={id} field={field} value={value} onChange={onChange} described={described} />;
  const text = typeof value === 'string' ? value : '';
  if (field.kind === 'colour') {
    return (
      <input
        id={id}
        class="colour-input"
        type="color"
        {...described}
        value={/^#[\da-f]{6}$/i.test(text) ? text : '#ffffff'}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const limit = field.kind === 'text' && field.maxLength !== null ? { maxLength: field.maxLength } : {};
  const change = (next: string) => onChange(next === '' && value === undefined ? undefined : next);
  return field.kind === 'text' && field.long ? (
    <textarea
      id={id}
      class="text-area"
      dir="auto"
      rows={3}
      {...described}
      {...limit}
      value={text}
      onInput={(event) => change(event.currentTarget.value)}
    />
  ) : (
    <input
      id={id}
      class="ui-input"
      type="text"
      dir="auto"
      {...described}
      {...limit}
      value={text}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

type NumberField = Extract<FormField, { kind: 'number' }>;

interface NumberControlProps extends FieldProps<NumberField> {
  readonly id: string;
  readonly described: ControlProps['described'];
}

/** A slider where both ends are known and near, a field for a number elsewhere. */
function NumberControl({ id, field, value, onChange, described }: NumberControlProps) {
  const { i18n } = useApp();
  const { min, max, step } = field;
  const current = typeof value === 'number' ? value : null;
  const bounds = { ...(min === null ? {} : { min }), ...(max === null ? {} : { max }) };
  const span = min === null || max === null ? null : max - min;
  if (field.optional || span === null || span / (step ?? span / 100) > 256) {
    return (
      <input
        id={id}
        class="ui-input"
        type="number"
        dir="ltr"
        {...described}
        {...bounds}
        step={step ?? 'any'}
        placeholder={field.optional ? i18n.t('option.auto') : undefined}
        value={current ?? ''}
        onInput={(event) => onChange(event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))}
      />
    );
  }
  return (
    <div class="range-row schema-range">
      <input
        id={id}
        type="range"
        {...described}
        {...bounds}
        step={step ?? span / 100}
        value={current ?? min ?? 0}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
      <output for={id}>{i18n.number(current ?? min ?? 0, { maximumFractionDigits: 2 })}</output>
    </div>
  );
}
