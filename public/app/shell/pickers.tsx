import type { Level, ModelInfo } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import type { I18n } from '../state/i18n.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, type MenuTriggerProps } from '../ui/menu.tsx';

export const levels: readonly Level[] = ['auto', 'quick', 'normal', 'deep'];

interface PickerProps {
  readonly conversationId: string | null;
}

interface PickerButtonProps {
  readonly of: 'model' | 'level';
  readonly menu: MenuTriggerProps;
  readonly label: string;
  readonly value: string;
}

function PickerButton({ of, menu, label, value }: PickerButtonProps) {
  return (
    <button type="button" {...menu} class="picker" data-of={of} aria-label={`${label}: ${value}`} title={label}>
      <span class="picker-value" dir="auto">
        {value}
      </span>
      <Icon name="chevron-down" size="sm" />
    </button>
  );
}

export function ModelPicker({ conversationId }: PickerProps) {
  const { state, i18n, actions } = useApp();
  const models = state.settings.info.value?.models ?? [];
  const chosen = state.settings.effective(conversationId).model;
  const current = models.find((model) => model.id === chosen) ?? models[0];
  const label = i18n.t('model.choose');
  if (current === undefined) return null;
  const choose = (model: string) => void state.settings.update(conversationId, { model }).catch(actions.fail);
  return (
    <Menu
      label={label}
      align="end"
      items={models.map((model) => {
        const { id, label: name } = model;
        const hint = hintOf(i18n, model, models);
        return { id, label: name, checked: id === current.id, ...(hint === undefined ? {} : { hint }), onSelect: () => choose(id) };
      })}
      trigger={(menu) => <PickerButton of="model" menu={menu} label={label} value={current.label} />}
    />
  );
}

/** What is known of a model is said in the person's language, the rest in the words of its service. */
function hintOf(i18n: I18n, model: ModelInfo, models: readonly ModelInfo[]): string | undefined {
  const { id, description, warning, endsOn, replacedBy } = model;
  if (endsOn !== undefined) {
    const date = i18n.date(endsOn, { dateStyle: 'long', timeZone: 'UTC' });
    const next = models.find((one) => one.id === replacedBy)?.label ?? replacedBy;
    return next === undefined ? i18n.t('model.ends', { date }) : i18n.t('model.endsFor', { date, next });
  }
  const known = `model.about.${id}`;
  return warning ?? (i18n.has(known) ? i18n.t(known) : description);
}

export function LevelPicker({ conversationId }: PickerProps) {
  const { state, i18n, actions } = useApp();
  const chosen = state.settings.effective(conversationId).level ?? 'auto';
  const label = i18n.t('level.choose');
  if (state.settings.info.value === null) return null;
  const choose = (level: Level) => void state.settings.update(conversationId, { level }).catch(actions.fail);
  return (
    <Menu
      label={label}
      align="end"
      items={levels.map((level) => ({
        id: level,
        label: i18n.t(`level.${level}`),
        hint: i18n.t(`level.${level}.hint`),
        checked: level === chosen,
        onSelect: () => choose(level),
      }))}
      trigger={(menu) => <PickerButton of="level" menu={menu} label={label} value={i18n.t(`level.${chosen}`)} />}
    />
  );
}
