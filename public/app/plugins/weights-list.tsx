import { useState } from 'preact/hooks';
import type { WeightsInfo } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import type { I18n } from '../state/i18n.ts';
import { inWords } from '../state/plugin-words.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import type { PluginAdmin } from './plugin-admin.ts';

export interface WeightsListProps {
  readonly models: readonly WeightsInfo[];
  /** Title of the plugin. */
  readonly of: string;
  readonly admin: PluginAdmin;
  readonly isAdmin: boolean;
}

/** The networks of a plugin: whether they are here, how large they are, under which licence. */
export function WeightsList({ models, of, admin, isAdmin }: WeightsListProps) {
  const { t } = useApp().i18n;
  return (
    <section class="weights" aria-label={`${t('weights.title')}: ${of}`}>
      <h3 class="weights-title">{t('weights.title')}</h3>
      <ul>
        {models.map((weights) => (
          <li key={weights.name} class="weights-row" data-state={weights.state}>
            <WeightsRow weights={weights} admin={admin} isAdmin={isAdmin} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const icons: Record<WeightsInfo['state'], IconName> = {
  bundled: 'check',
  installed: 'check',
  missing: 'download',
  installing: 'clock',
  failed: 'alert',
  operator: 'key',
};

/** SPDX writes `LicenseRef-…` for what is not in its list: nobody else needs to read that. */
function licenceWords({ t }: I18n, { weights, code, holder }: WeightsInfo['licence']): string {
  if (weights === 'LicenseRef-as-the-model-states') return t('weights.licenceOwn');
  const name = weights.replace(/^LicenseRef-/, '');
  return code === 'LicenseRef-none'
    ? t('weights.licenceOnly', { weights: name, holder })
    : t('weights.licence', { weights: name, code, holder });
}

function WeightsRow({
  weights,
  admin,
  isAdmin,
}: {
  readonly weights: WeightsInfo;
  readonly admin: PluginAdmin;
  readonly isAdmin: boolean;
}) {
  const { i18n } = useApp();
  const { t } = i18n;
  const title = inWords(i18n, weights.title);
  const { state, size, downloadSize, memoryMb, licence, progress, instructions, reason } = weights;
  const facts = [
    t(`weights.state.${state}`),
    ...(size > 0 ? [`\u2068${i18n.bytes(size)}\u2069`] : []),
    ...(state === 'missing' && downloadSize > 0 ? [t('weights.download', { size: i18n.bytes(downloadSize) })] : []),
    ...(memoryMb > 0 ? [t('weights.memory', { size: i18n.bytes(memoryMb * 1024 * 1024) })] : []),
  ];
  return (
    <>
      <div class="weights-head">
        <Icon name={icons[state]} size="sm" />
        <span class="weights-name">{title}</span>
        {isAdmin ? <WeightsButton weights={weights} title={title} admin={admin} /> : null}
      </div>
      {state === 'installing' ? (
        <ProgressBar
          label={t('weights.progressOf', { title })}
          share={progress === null || progress === undefined ? null : progress / 100}
        />
      ) : null}
      <p class="weights-facts">
        {facts.map((fact) => (
          // No bdi: it would take its direction from a unit in Latin letters.
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <p class="weights-licence">{licenceWords(i18n, licence)}</p>
      {reason === undefined ? null : (
        <p class="weights-reason" lang="en" dir="ltr" role="note">
          {reason}
        </p>
      )}
      {instructions === undefined || (state !== 'operator' && state !== 'failed') ? null : (
        <details class="weights-how">
          <summary>{t('weights.how')}</summary>
          <p class="weights-instructions" dir="auto">
            {inWords(i18n, instructions)}
          </p>
        </details>
      )}
    </>
  );
}

function WeightsButton({ weights, title, admin }: { readonly weights: WeightsInfo; readonly title: string; readonly admin: PluginAdmin }) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const run = async (work: Promise<void>) => {
    setBusy(true);
    await work.catch(actions.fail);
    setBusy(false);
  };
  if (weights.state === 'missing' || weights.state === 'failed') {
    return (
      <Button
        size="sm"
        icon="download"
        busy={busy}
        aria-label={t('weights.installOf', { title })}
        onClick={() => void run(admin.install(weights.name))}
      >
        {t(weights.state === 'failed' ? 'action.retry' : 'weights.install')}
      </Button>
    );
  }
  if (weights.state !== 'installed' && weights.state !== 'installing') return null;
  const stops = weights.state === 'installing';
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        icon={stops ? 'close' : 'trash'}
        busy={busy}
        aria-label={t(stops ? 'weights.stopOf' : 'weights.removeOf', { title })}
        onClick={() => (stops ? void run(admin.remove(weights.name)) : setAsking(true))}
      >
        {t(stops ? 'action.cancel' : 'weights.remove')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          void run(admin.remove(weights.name));
        }}
        title={t('weights.removeTitle', { title })}
        confirmLabel={t('weights.remove')}
        cancelLabel={t('action.cancel')}
        closeLabel={t('action.close')}
        danger
      >
        <p>{t('weights.removeHint')}</p>
      </ConfirmDialog>
    </>
  );
}
