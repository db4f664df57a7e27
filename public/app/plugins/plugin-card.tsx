import { useState } from 'preact/hooks';
import type { PluginInfo } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import { Icon, type IconName, iconFrom } from '../ui/icon.tsx';
import type { PluginAdmin } from './plugin-admin.ts';
import { PluginForm } from './plugin-form.tsx';
import { WeightsList } from './weights-list.tsx';

export interface PluginCardProps {
  readonly plugin: PluginInfo;
  readonly admin: PluginAdmin;
  readonly isAdmin: boolean;
}

export function PluginCard({ plugin, admin, isAdmin }: PluginCardProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const title = inWords(i18n, plugin.title);
  return (
    <article class="plugin" data-state={plugin.state} aria-label={title}>
      <header class="plugin-head">
        <span class="plugin-mark">
          <Icon name={iconFrom(plugin.processors[0]?.icon ?? plugin.actions[0]?.icon, 'plug')} />
        </span>
        <div class="plugin-heading">
          <h2 class="plugin-title">{title}</h2>
          <p class="plugin-version">
            <bdi>
              {plugin.name} {plugin.version}
            </bdi>
          </p>
        </div>
        <PluginState state={plugin.state} />
        {isAdmin ? <Switch plugin={plugin} admin={admin} title={title} /> : null}
      </header>
      <p dir="auto">{inWords(i18n, plugin.description)}</p>
      {plugin.reason === undefined ? null : (
        <p class="plugin-reason" role="note">
          <Icon name="alert" size="sm" />
          <span lang="en" dir="ltr">
            {plugin.reason}
          </span>
        </p>
      )}
      <Abilities plugin={plugin} />
      <Provider plugin={plugin} />
      <Hosts plugin={plugin} />
      {plugin.models.length === 0 ? null : <WeightsList models={plugin.models} of={title} admin={admin} isAdmin={isAdmin} />}
      {plugin.settings === undefined ? null : (
        <PluginForm title={t('plugins.settings')} form={plugin.settings} onSave={(values) => admin.saveSettings(plugin.name, values)} />
      )}
      {plugin.config === undefined ? null : (
        <PluginForm title={t('plugins.config')} form={plugin.config} onSave={(config) => admin.change(plugin.name, { config })} />
      )}
    </article>
  );
}

const stateIcons: Record<PluginInfo['state'], IconName> = { ready: 'check', disabled: 'stop', failed: 'alert' };

function PluginState({ state }: Pick<PluginInfo, 'state'>) {
  const { t } = useApp().i18n;
  return (
    <span class="plugin-state" data-state={state}>
      <Icon name={stateIcons[state]} size="sm" />
      {t(`plugins.state.${state}`)}
    </span>
  );
}

function Switch({ plugin, admin, title }: { readonly plugin: PluginInfo; readonly admin: PluginAdmin; readonly title: string }) {
  const { i18n, actions } = useApp();
  const [busy, setBusy] = useState(false);
  const change = async (enabled: boolean) => {
    setBusy(true);
    await admin.change(plugin.name, { enabled }).catch(actions.fail);
    setBusy(false);
  };
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={plugin.state === 'ready'}
        disabled={busy}
        aria-label={i18n.t('plugins.use', { title })}
        onChange={(event) => void change(event.currentTarget.checked)}
      />
      <span class="switch-track" aria-hidden="true" />
    </label>
  );
}

/** The kinds of work with their words, and the commands as they are typed. */
function Abilities({ plugin }: { readonly plugin: PluginInfo }) {
  const { i18n } = useApp();
  const { processors, commands } = plugin;
  if (processors.length + commands.length === 0) return null;
  return (
    <ul class="plugin-abilities" aria-label={i18n.t('plugins.abilities')}>
      {processors.map(({ kind, title, description, icon }) => (
        <li key={kind}>
          <Icon name={iconFrom(icon, 'image')} size="sm" />
          <span>
            <strong>{inWords(i18n, title)}</strong> <span class="plugin-muted">{inWords(i18n, description)}</span>
          </span>
        </li>
      ))}
      {commands.length === 0 ? null : (
        <li>
          <Icon name="command" size="sm" />
          <span class="plugin-commands">
            {commands.map((name) => (
              <code key={name} dir="ltr">
                /{name}
              </code>
            ))}
          </span>
        </li>
      )}
    </ul>
  );
}

function Provider({ plugin }: { readonly plugin: PluginInfo }) {
  const { t } = useApp().i18n;
  if (plugin.provider === undefined) return null;
  const { name, reason } = plugin.provider;
  return (
    <div class="plugin-provider">
      <Icon name="gauge" size="sm" />
      <div>
        <p>{t('plugins.provider', { name: name.toUpperCase() })}</p>
        {reason === '' ? null : (
          <details class="plugin-why">
            <summary>{t('plugins.why')}</summary>
            <p class="plugin-muted" lang="en" dir="ltr">
              {reason}
            </p>
          </details>
        )}
      </div>
    </div>
  );
}

/** For the administrator: whether it is loaded, and until when. */
function Hosts({ plugin }: { readonly plugin: PluginInfo }) {
  const { i18n } = useApp();
  const hosts = plugin.hosts ?? [];
  const endsAt = hosts
    .map((host) => host.endsAt ?? '')
    .sort()
    .at(-1);
  const isBusy = hosts.some(({ state }) => state !== 'idle');
  if (!isBusy && (endsAt === undefined || new Date(endsAt).getTime() < Date.now())) return null;
  return (
    <p class="plugin-provider">
      <Icon name="gauge" size="sm" />
      <span>{isBusy ? i18n.t('plugins.working') : i18n.t('plugins.warm', { time: i18n.date(endsAt ?? '', { timeStyle: 'medium' }) })}</span>
    </p>
  );
}
