import { useId } from 'preact/hooks';
import type { Field } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import type { I18n } from '../state/i18n.ts';
import type { FieldProblem, FieldValue } from '../state/surface-fields.ts';
import { Icon } from '../ui/icon.tsx';
import { ChoiceGroup } from './choice-group.tsx';
import { DateRange, DayInput } from './day-input.tsx';
import { TagInput } from './tag-input.tsx';

export interface FieldViewProps {
  readonly field: Field;
  readonly value: FieldValue | null;
  readonly problem?: FieldProblem | undefined;
  readonly onChange: (value: FieldValue | null) => void;
}

/** What every control of a field takes. */
export interface ControlProps extends FieldViewProps {
  readonly id: string;
  readonly described: string | undefined;
  readonly invalid: boolean;
}

export function problemWords(i18n: I18n, { key, params }: FieldProblem): string {
  const { day } = params;
  return i18n.t(key, typeof day === 'string' ? { day: i18n.date(day, { dateStyle: 'medium', timeZone: 'UTC' }) } : params);
}

/** One field of a form that a plugin describes: its name, its control, its hint, what is wrong with it. */
export function FieldView(props: FieldViewProps) {
  const { field, problem } = props;
  const { i18n } = useApp();
  const id = useId();
  const described = [problem === undefined ? '' : `${id}-error`, field.description === undefined ? '' : `${id}-hint`]
    .filter(Boolean)
    .join(' ');
  const control: ControlProps = { ...props, id, described: described === '' ? undefined : described, invalid: problem !== undefined };
  const grouped = field.kind === 'radio' || field.kind === 'multi-select' || field.kind === 'date-range';
  const toggle = field.kind === 'switch' || field.kind === 'checkbox';
  return (
    <div class="form-field surface-field" data-field={field.id} data-kind={field.kind}>
      {toggle ? (
        <Toggle {...control} />
      ) : (
        <>
          {grouped ? (
            <span class="ui-field-label" id={`${id}-label`}>
              <FieldName field={field} />
            </span>
          ) : (
            <label class="ui-field-label" for={id}>
              <FieldName field={field} />
            </label>
          )}
          <Control {...control} />
        </>
      )}
      {field.description === undefined ? null : (
        <small class="ui-field-hint" id={`${id}-hint`} dir="auto">
          {field.description}
        </small>
      )}
      <div aria-live="polite">
        {problem === undefined ? null : (
          <p class="ui-field-error" id={`${id}-error`}>
            <Icon name="alert" size="sm" />
            {problemWords(i18n, problem)}
          </p>
        )}
      </div>
    </div>
  );
}

function FieldName({ field: { label, required } }: { readonly field: Field }) {
  const { i18n } = useApp();
  return (
    <>
      <bdi>{label}</bdi>
      {required === true ? (
        <span class="field-required" title={i18n.t('field.needed')}>
          <span aria-hidden="true">*</span>
          <span class="visually-hidden">{i18n.t('field.needed')}</span>
        </span>
      ) : null}
    </>
  );
}

function Toggle({ field, value, id, described, onChange }: ControlProps) {
  return (
    <label class="check-row" for={id}>
      <input
        id={id}
        type="checkbox"
        {...(field.kind === 'switch' ? { role: 'switch', class: 'field-switch' } : {})}
        checked={value === true}
        disabled={field.disabled === true}
        aria-describedby={described}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <FieldName field={field} />
      </span>
    </label>
  );
}

function Control(props: ControlProps) {
  switch (props.field.kind) {
    case 'slider':
      return <Slider {...props} />;
    case 'number':
      return <NumberInput {...props} />;
    case 'textarea':
      return <LongText {...props} />;
    case 'select':
      return <Select {...props} />;
    case 'multi-select':
    case 'radio':
      return <ChoiceGroup {...props} />;
    case 'tags':
      return <TagInput {...props} />;
    case 'date':
      return <DayInput {...props} />;
    case 'date-range':
      return <DateRange {...props} />;
    default:
      return <ShortText {...props} />;
  }
}

const common = ({ field, id, described, invalid }: ControlProps) => ({
  id,
  disabled: field.disabled === true,
  'aria-describedby': described,
  'aria-invalid': invalid ? ('true' as const) : undefined,
});

const textOf = (value: FieldValue | null): string => (typeof value === 'string' ? value : '');
const bounds = ({ min, max, step }: Field) => ({
  ...(typeof min === 'number' ? { min } : {}),
  ...(typeof max === 'number' ? { max } : {}),
  step: step ?? 'any',
});

function ShortText(props: ControlProps) {
  const { field, value, onChange } = props;
  const limit = field.maxLength === undefined ? {} : { maxLength: field.maxLength };
  return (
    <input
      {...common(props)}
      {...limit}
      class="ui-input"
      type="text"
      dir="auto"
      placeholder={field.placeholder}
      value={textOf(value)}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function LongText(props: ControlProps) {
  const { field, value, onChange } = props;
  const limit = field.maxLength === undefined ? {} : { maxLength: field.maxLength };
  return (
    <textarea
      {...common(props)}
      {...limit}
      class="text-area"
      dir="auto"
      rows={3}
      placeholder={field.placeholder}
      value={textOf(value)}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function NumberInput(props: ControlProps) {
  const { field, value, onChange } = props;
  return (
    <input
      {...common(props)}
      {...bounds(field)}
      class="ui-input"
      type="number"
      dir="ltr"
      inputMode="decimal"
      placeholder={field.placeholder}
      value={typeof value === 'number' ? value : ''}
      onInput={({ currentTarget }) => onChange(currentTarget.value === '' ? null : Number(currentTarget.value))}
    />
  );
}

function Slider(props: ControlProps) {
  const { field, value, id, onChange } = props;
  const { i18n } = useApp();
  const least = typeof field.min === 'number' ? field.min : 0;
  const now = typeof value === 'number' ? value : least;
  const limits = { min: least, max: typeof field.max === 'number' ? field.max : 100, step: field.step ?? 'any' };
  return (
    <div class="range-row">
      <input {...common(props)} {...limits} type="range" value={now} onInput={(event) => onChange(Number(event.currentTarget.value))} />
      <output for={id}>{i18n.number(now, { maximumFractionDigits: 3 })}</output>
    </div>
  );
}

function Select(props: ControlProps) {
  const { field, value, onChange } = props;
  const { i18n } = useApp();
  const options = field.options ?? [];
  const known = options.some((option) => option.value === value);
  return (
    <select
      {...common(props)}
      class="select"
      dir="auto"
      value={known ? textOf(value) : ''}
      onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
    >
      {known && field.required === true ? null : <option value="">{field.placeholder ?? i18n.t('field.choose')}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
