import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';

/** A plain link: the browser saves what the server streams, however large it is. */
export function Backup() {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <section class="panel" aria-labelledby="backup-title">
      <div class="panel-words">
        <h2 id="backup-title">{t('backup.title')}</h2>
        <p>{t('backup.lead')}</p>
        <p class="panel-warning">
          <Icon name="alert" size="sm" />
          <span>{t('backup.secrets')}</span>
        </p>
      </div>
      <a class="ui-button" data-variant="secondary" data-size="md" href="/api/admin/backup" download>
        <Icon name="download" />
        {t('backup.download')}
      </a>
    </section>
  );
}
