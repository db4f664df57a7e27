import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { isInstalled } from '../browser/platform.ts';
import { allowNotices } from '../notify/show-notice.ts';
import { Button } from '../ui/button.tsx';

const canNotify = () => 'Notification' in window;
const canKeep = () => 'indexedDB' in window && 'serviceWorker' in navigator;

/** Choices that hold for one browser: notifications, chats to read offline, the installed page. */
export function DeviceSection() {
  const { device, i18n } = useApp();
  const { t } = i18n;
  const choice = device.current.value;
  if (choice === null) return null;
  return (
    <div class="settings-form">
      <p class="ui-field-hint">{t('device.lead')}</p>
      <Notices />
      <label class="check-row">
        <input
          type="checkbox"
          disabled={!canKeep()}
          checked={canKeep() && (choice.keepChats ?? isInstalled())}
          onChange={(event) => device.change({ keepChats: event.currentTarget.checked })}
        />
        <span>
          {t('device.keep')}
          <small>{t(canKeep() ? 'device.keepHint' : 'device.needsHttps')}</small>
        </span>
      </label>
      <Installation />
    </div>
  );
}

function Notices() {
  const { device, i18n } = useApp();
  const { t } = i18n;
  const [refused, setRefused] = useState(() => canNotify() && Notification.permission === 'denied');
  const choice = device.current.value;
  const on = choice?.notify === true && canNotify() && Notification.permission === 'granted';
  const turn = async (wanted: boolean) => {
    const allowed = wanted && (await allowNotices());
    device.change({ notify: allowed });
    setRefused(wanted && !allowed);
  };
  return (
    <>
      <label class="check-row">
        <input
          type="checkbox"
          disabled={!canNotify()}
          checked={on}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            // It stays as it was until the browser's own question is answered.
            event.currentTarget.checked = on;
            void turn(checked);
          }}
        />
        <span>
          {t('device.notify')}
          <small>{t(canNotify() ? 'device.notifyHint' : 'device.needsHttps')}</small>
        </span>
      </label>
      {refused ? (
        <p class="form-error" role="alert">
          {t('notify.refused')}
        </p>
      ) : null}
      <label class="check-row">
        <input
          type="checkbox"
          disabled={!on}
          checked={on && choice?.previews === true}
          onChange={(event) => device.change({ previews: event.currentTarget.checked })}
        />
        <span>
          {t('device.previews')}
          <small>{t('device.previewsHint')}</small>
        </span>
      </label>
    </>
  );
}

/** Only where the browser lets the page ask; elsewhere its own menu does. */
function Installation() {
  const { device, i18n } = useApp();
  const { t } = i18n;
  const install = device.install.value;
  if (isInstalled()) return <p class="ui-field-hint">{t('device.installed')}</p>;
  return install === null ? (
    <p class="ui-field-hint">{t('device.installHint')}</p>
  ) : (
    <div>
      <Button icon="download" onClick={install}>
        {t('device.install')}
      </Button>
    </div>
  );
}
