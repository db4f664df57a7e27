import type { CommandInfo, ModelInfo, Settings } from '../../../src/protocol/shapes.ts';
import type { NoticeRow } from '../actions/notice-data.ts';
import { useApp } from '../app-context.ts';
import { commandSummary } from '../composer/command-summary.ts';

export function CommandRows({
  commands,
  onChoose,
}: {
  readonly commands: readonly CommandInfo[];
  readonly onChoose: (name: string) => void;
}) {
  const { i18n } = useApp();
  return (
    <ul class="notice-rows">
      {commands.map((command) => (
        <li key={command.name}>
          <button type="button" class="notice-row" onClick={() => onChoose(command.name)}>
            <code dir="ltr">{command.usage}</code>
            <span>
              <bdi>{commandSummary(i18n, command)}</bdi>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function ConversationRows({ rows }: { readonly rows: readonly NoticeRow[] }) {
  const { state, i18n } = useApp();
  return (
    <ol class="notice-rows">
      {rows.map(({ id, number, title, updatedAt, snippet }) => (
        <li key={id}>
          <button type="button" class="notice-row" onClick={() => state.router.go(id)}>
            <span class="notice-number">{i18n.number(number)}</span>
            <span class="notice-row-words">
              <bdi>{title || i18n.t('conversation.untitled')}</bdi>
              {snippet === null ? null : (
                <small>
                  <bdi>{snippet}</bdi>
                </small>
              )}
            </span>
            {updatedAt === null ? null : <time dateTime={updatedAt}>{i18n.date(updatedAt, { month: 'short', day: 'numeric' })}</time>}
          </button>
        </li>
      ))}
    </ol>
  );
}

export function ModelRows({ models }: { readonly models: readonly ModelInfo[] }) {
  const { state, actions } = useApp();
  const { conversationId } = state.router.route.value;
  const choose = (model: string) => void state.settings.update(conversationId, { model }).catch(actions.fail);
  const current = state.settings.effective(conversationId).model;
  return (
    <ul class="notice-rows">
      {models.map(({ id, label, description, warning }) => (
        <li key={id}>
          <button type="button" class="notice-row" aria-pressed={id === current} onClick={() => choose(id)}>
            <span class="notice-row-words">
              <bdi>{label}</bdi>
              <small>
                <bdi>{warning ?? description ?? id}</bdi>
              </small>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function SettingRows({ settings }: { readonly settings: Settings | null }) {
  const { i18n } = useApp();
  const { t } = i18n;
  if (settings === null) return null;
  const { model, level, systemInstruction, temperature, thinking } = settings;
  const none = t('settings.default');
  const rows = [
    ['settings.model', model ?? none],
    ['settings.level', level ? t(`level.${level}`) : none],
    ['settings.instruction', systemInstruction || none],
    ['settings.temperature', typeof temperature === 'number' ? i18n.number(temperature) : none],
    ['settings.thinking', typeof thinking === 'boolean' ? t(thinking ? 'settings.on' : 'settings.off') : none],
  ] as const;
  return (
    <dl class="notice-facts">
      {rows.map(([key, value]) => (
        <div key={key} class="limits-row">
          <dt>{t(key)}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
