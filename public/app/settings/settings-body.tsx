import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Settings } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { useSubmit } from '../auth/use-submit.ts';
import { lazy } from '../shell/lazy.tsx';
import { levels } from '../shell/pickers.tsx';
import { Button } from '../ui/button.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { LimitsTable } from './limits-table.tsx';

export interface SettingsBodyProps {
  readonly conversationId: string | null;
  readonly onDone: () => void;
}

/** What the person chose for this browser. */
const DeviceSection = lazy(async () => (await import('./device-section.tsx')).DeviceSection);

/** Those that are about the account. */
const AccountSections = lazy(async () => (await import('./account-sections.tsx')).AccountSections);

const sections = ['chat', 'device', 'sessions', 'usage', 'shares', 'data'] as const;

/** What the settings dialog shows; fetched when it is opened. */
export function SettingsBody({ conversationId, onDone }: SettingsBodyProps) {
  const { i18n, transfers } = useApp();
  const { t } = i18n;
  // What is still on its way is what people come back for.
  const [section, setSection] = useState<(typeof sections)[number]>(() => (transfers.peek()?.running.peek() === true ? 'data' : 'chat'));
  return (
    <Tabs
      label={t('settings.title')}
      tabs={sections.map((id) => ({ id, label: t(`settings.tab.${id}`) }))}
      chosen={section}
      onChoose={setSection}
    >
      {/* What was changed and not saved stays while another section is looked at. */}
      <div hidden={section !== 'chat'}>
        <ChatSettings conversationId={conversationId} onDone={onDone} />
      </div>
      {section === 'device' ? <DeviceSection /> : null}
      {section === 'chat' || section === 'device' ? null : <AccountSections section={section} />}
    </Tabs>
  );
}

function ChatSettings({ conversationId, onDone }: { readonly conversationId: string | null; readonly onDone: () => void }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const [own, setOwn] = useState(false);
  const target = own ? conversationId : null;
  return (
    <>
      {conversationId === null ? null : (
        <fieldset class="segmented">
          <legend class="visually-hidden">{t('settings.scope')}</legend>
          <ScopeChoice checked={!own} label={t('settings.scopeAll')} onChoose={() => setOwn(false)} />
          <ScopeChoice checked={own} label={t('settings.scopeThis')} onChoose={() => setOwn(true)} />
        </fieldset>
      )}
      <SettingsForm
        key={target ?? 'user'}
        conversationId={target}
        initial={target === null ? state.settings.ofUser.value : state.settings.ofConversation(target)}
        onDone={onDone}
      />
      <LimitsTable />
    </>
  );
}

function ScopeChoice({ checked, label, onChoose }: { readonly checked: boolean; readonly label: string; readonly onChoose: () => void }) {
  return (
    <label class="segment">
      <input type="radio" name="settings-scope" checked={checked} onChange={onChoose} />
      <span>{label}</span>
    </label>
  );
}

interface FormProps {
  readonly conversationId: string | null;
  readonly initial: Settings;
  readonly onDone: () => void;
}

function SettingsForm({ conversationId, initial, onDone }: FormProps) {
  const { state, i18n, toasts } = useApp();
  const { t } = i18n;
  const [draft, setDraft] = useState<Settings>(initial);
  const change = (part: Settings) => setDraft({ ...draft, ...part });
  const models = state.settings.info.value?.models ?? [];
  const { busy, error, submit } = useSubmit(async () => {
    await state.settings.update(conversationId, draft);
    toasts.add({ text: t('notice.SETTINGS_SAVED'), tone: 'success' });
    onDone();
  });
  return (
    <form class="settings-form" onSubmit={submit}>
      <Field label={t('settings.model')}>
        <select
          class="select"
          dir="auto"
          value={draft.model ?? ''}
          onChange={(event) => change({ model: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        >
          <option value="">{t('settings.default')}</option>
          {models.map((model) => (
            <option key={model.id} value={model.id}>
              {model.label}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('settings.level')}>
        <select
          class="select"
          value={draft.level ?? ''}
          onChange={(event) => change({ level: levels.find((level) => level === event.currentTarget.value) ?? null })}
        >
          <option value="">{t('settings.default')}</option>
          {levels.map((level) => (
            <option key={level} value={level}>
              {t(`level.${level}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('settings.instruction')} hint={t('settings.instructionHint')}>
        <textarea
          class="text-area"
          dir="auto"
          rows={4}
          maxLength={8192}
          value={draft.systemInstruction ?? ''}
          onInput={(event) => change({ systemInstruction: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        />
      </Field>
      <Temperature value={draft.temperature ?? null} onChange={(temperature) => change({ temperature })} />
      <label class="check-row">
        <input type="checkbox" checked={draft.thinking ?? true} onChange={(event) => change({ thinking: event.currentTarget.checked })} />
        <span>
          {t('settings.thinking')}
          <small>{t('settings.thinkingHint')}</small>
        </span>
      </label>
      {error === null ? null : (
        <p class="form-error" role="alert">
          {explain(i18n, error)}
        </p>
      )}
      <div class="form-buttons">
        <Button type="submit" variant="primary" busy={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}

function Temperature({ value, onChange }: { readonly value: number | null; readonly onChange: (value: number | null) => void }) {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <div class="form-field">
      <label class="check-row">
        <input type="checkbox" checked={value !== null} onChange={(event) => onChange(event.currentTarget.checked ? 1 : null)} />
        <span>
          {t('settings.temperature')}
          <small>{t('settings.temperatureHint')}</small>
        </span>
      </label>
      {value === null ? null : (
        <div class="range-row">
          <input
            type="range"
            min="0"
            max="2"
            step="0.1"
            value={value}
            aria-label={t('settings.temperature')}
            onInput={(event) => onChange(Number(event.currentTarget.value))}
          />
          <output>{i18n.number(value, { minimumFractionDigits: 1 })}</output>
        </div>
      )}
    </div>
  );
}

function Field({ label, hint, children }: { readonly label: string; readonly hint?: string; readonly children: ComponentChildren }) {
  return (
    <label class="form-field">
      <span class="ui-field-label">{label}</span>
      {children}
      {hint === undefined ? null : <small class="ui-field-hint">{hint}</small>}
    </label>
  );
}
