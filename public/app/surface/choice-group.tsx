import type { ControlProps } from './field-view.tsx';

/** One of some choices, or several of them, all in sight. */
export function ChoiceGroup({ field, value, id, described, invalid, onChange }: ControlProps) {
  const several = field.kind === 'multi-select';
  const chosen = new Set(Array.isArray(value) ? value : [value]);
  const options = field.options ?? [];
  const toggle = (option: string, on: boolean) => {
    const next = options.filter((one) => (one.value === option ? on : chosen.has(one.value)));
    onChange(next.map((one) => one.value));
  };
  return (
    <div
      class="choice-group"
      id={id}
      role={several ? 'group' : 'radiogroup'}
      aria-labelledby={`${id}-label`}
      aria-describedby={described}
      {...(several ? {} : { 'aria-invalid': invalid })}
    >
      {options.map((option) => (
        <label key={option.value} class="choice-row">
          <input
            type={several ? 'checkbox' : 'radio'}
            name={id}
            checked={chosen.has(option.value)}
            disabled={field.disabled === true}
            onChange={(event) => (several ? toggle(option.value, event.currentTarget.checked) : onChange(option.value))}
          />
          <bdi>{option.label}</bdi>
        </label>
      ))}
    </div>
  );
}
