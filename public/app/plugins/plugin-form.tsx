import '../../styles/jobs.css';
import { useState } from 'preact/hooks';
import type { PluginInfo } from '../../../src/protocol/work-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { useSubmit } from '../auth/use-submit.ts';
import { SchemaFields } from '../jobs/schema-form.tsx';
import { type FieldValues, fieldsOf, startValues } from '../state/form-fields.ts';
import { Button } from '../ui/button.tsx';

export interface PluginFormProps {
  readonly title: string;
  readonly form: NonNullable<PluginInfo['settings']>;
  readonly onSave: (values: FieldValues) => Promise<void>;
}

/** Settings of a plugin, folded away until they are wanted. */
export function PluginForm({ title, form, onSave }: PluginFormProps) {
  const { i18n, toasts } = useApp();
  const { t } = i18n;
  const fields = fieldsOf(form.form);
  const [values, setValues] = useState<FieldValues>(() => startValues(form.form, form.values));
  const { busy, error, submit } = useSubmit(async () => {
    await onSave(values);
    toasts.add({ text: t('plugins.saved'), tone: 'success' });
  });
  if (fields.length === 0) return null;
  return (
    <details class="plugin-form">
      <summary>{title}</summary>
      <form class="settings-form" onSubmit={submit}>
        <SchemaFields fields={fields} values={values} onChange={setValues} />
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
    </details>
  );
}
