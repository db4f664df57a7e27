import { useApp } from '../app-context.ts';

/** What this server allows; 0 means that the operator set no limit. */
export function LimitsTable() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const limits = state.settings.info.value?.limits;
  if (limits === undefined) return null;
  const amount = (value: number, show: (value: number) => string) => (value === 0 ? t('limits.none') : show(value));
  const rows = [
    ['limits.text', amount(limits.textBytes, i18n.bytes)],
    ['limits.messages', amount(limits.messagesPerMinute, i18n.number)],
    ['limits.answers', amount(limits.generationsPerUser, i18n.number)],
    ['limits.upload', amount(limits.uploadBytes, i18n.bytes)],
    ['limits.attachments', amount(limits.attachmentsPerMessage, i18n.number)],
    ['limits.pictures', amount(limits.uploadQuotaBytes, i18n.bytes)],
    ['limits.jobs', amount(limits.jobsPerUser, i18n.number)],
    ['limits.tabs', amount(limits.socketsPerUser, i18n.number)],
  ] as const;
  return (
    <details class="limits">
      <summary>{t('limits.title')}</summary>
      <dl>
        {rows.map(([key, value]) => (
          <div key={key} class="limits-row">
            <dt>{t(key)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
