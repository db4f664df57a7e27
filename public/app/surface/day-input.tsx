import { useApp } from '../app-context.ts';
import type { ControlProps } from './field-view.tsx';

const limits = ({ min, max }: ControlProps['field']) => ({
  ...(typeof min === 'string' ? { min } : {}),
  ...(typeof max === 'string' ? { max } : {}),
});

/** A day. The browser's own field counts by the calendar of the West; beside it stands the day in that of the person. */
export function DayInput({ field, value, id, described, invalid, onChange }: ControlProps) {
  const day = typeof value === 'string' ? value : '';
  return (
    <div class="day-row">
      <input
        {...limits(field)}
        id={id}
        class="ui-input"
        type="date"
        disabled={field.disabled === true}
        aria-describedby={described}
        aria-invalid={invalid ? 'true' : undefined}
        value={day}
        onInput={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
      />
      <LocalDay day={day} />
    </div>
  );
}

/** Two days, the first not after the second. */
export function DateRange({ field, value, id, described, invalid, onChange }: ControlProps) {
  const { i18n } = useApp();
  const [from, to] = Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? one : '')) : [];
  const change = (next: readonly string[]) => onChange(next.every((day) => day === '') ? null : [...next]);
  const shared = {
    ...limits(field),
    class: 'ui-input',
    type: 'date',
    disabled: field.disabled === true,
    'aria-describedby': described,
    'aria-invalid': invalid ? ('true' as const) : undefined,
  } as const;
  return (
    <div class="day-range" id={id} role="group" aria-labelledby={`${id}-label`}>
      <label class="day-row">
        <span class="day-name">{i18n.t('field.from')}</span>
        <input {...shared} value={from ?? ''} onInput={(event) => change([event.currentTarget.value, to ?? ''])} />
        <LocalDay day={from ?? ''} />
      </label>
      <label class="day-row">
        <span class="day-name">{i18n.t('field.to')}</span>
        <input {...shared} value={to ?? ''} onInput={(event) => change([from ?? '', event.currentTarget.value])} />
        <LocalDay day={to ?? ''} />
      </label>
    </div>
  );
}

function LocalDay({ day }: { readonly day: string }) {
  const { i18n } = useApp();
  if (i18n.locale.value === 'en' || Number.isNaN(Date.parse(day))) return null;
  return <small class="day-local">{i18n.date(day, { dateStyle: 'medium', timeZone: 'UTC' })}</small>;
}
