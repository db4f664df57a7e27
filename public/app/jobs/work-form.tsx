import '../../styles/jobs.css';
import { useState } from 'preact/hooks';
import type { Level } from '../../../src/protocol/shapes.ts';
import type { WorkDraft } from '../actions/job-actions.ts';
import { useApp } from '../app-context.ts';
import { levels } from '../shell/pickers.tsx';
import { type FieldValues, fieldsOf, startValues } from '../state/form-fields.ts';
import { inWords } from '../state/plugin-words.ts';
import type { Processor } from '../state/plugins.ts';
import { Button } from '../ui/button.tsx';
import { SchemaFields } from './schema-form.tsx';

/** Which work, with which parameters, how thoroughly: the form behind "More options". */
export function WorkForm({ draft, onDone }: { readonly draft: WorkDraft; readonly onDone: () => void }) {
  const { state, i18n } = useApp();
  const count = draft.files.length;
  const ready = (state.plugins.list.value ?? []).filter((plugin) => plugin.state === 'ready').flatMap((plugin) => plugin.processors);
  const fitting = ready.filter(({ kind, input }) => kind === draft.kind || (count >= input.minPictures && count <= input.maxPictures));
  const [chosen, choose] = useState(draft.kind);
  const processor = chosen === undefined ? fitting[0] : fitting.find(({ kind }) => kind === chosen);
  if (processor === undefined) {
    // Another work in its place is not what was asked for.
    return <p class="page-nothing">{i18n.t(chosen === undefined ? 'work.none' : 'error.PLUGIN_DISABLED')}</p>;
  }
  return (
    <div class="work-form">
      {fitting.length < 2 ? null : (
        <label class="form-field">
          <span class="ui-field-label">{i18n.t('work.kind')}</span>
          <select class="select" value={processor.kind} onChange={(event) => choose(event.currentTarget.value)}>
            {fitting.map(({ kind, title }) => (
              <option key={kind} value={kind}>
                {inWords(i18n, title)}
              </option>
            ))}
          </select>
        </label>
      )}
      <Parameters key={processor.kind} processor={processor} draft={draft} onDone={onDone} />
    </div>
  );
}

interface ParametersProps {
  readonly processor: Processor;
  readonly draft: WorkDraft;
  readonly onDone: () => void;
}

function Parameters({ processor, draft, onDone }: ParametersProps) {
  const { i18n, actions, uploads } = useApp();
  const { t } = i18n;
  const { kind, params } = processor;
  const fields = fieldsOf(params);
  const given = draft.kind === kind || draft.kind === undefined ? (draft.params ?? {}) : {};
  const [values, setValues] = useState<FieldValues>(() => startValues(params, given));
  const [level, setLevel] = useState<Level>(draft.level ?? 'auto');
  const file = draft.files[0];
  return (
    <form
      class="settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
        for (const { id, file: attached } of uploads.items.peek())
          if (attached !== undefined && attached.id === file?.id) uploads.remove(id);
        actions.jobs.run({ ...draft, kind, params: { ...values }, level });
      }}
    >
      <div class="work-head">
        {file === undefined ? null : <img class="work-thumb" src={file.url} alt={file.name ?? t('picture.unnamed')} />}
        <p dir="auto">{inWords(i18n, processor.description)}</p>
      </div>
      <SchemaFields fields={fields} values={values} onChange={setValues} />
      <fieldset class="work-levels">
        <legend class="ui-field-label">{t('work.level')}</legend>
        <div class="segmented">
          {levels.map((one) => (
            <label key={one} class="segment">
              <input type="radio" name="work-level" checked={one === level} onChange={() => setLevel(one)} />
              <span>{t(`level.${one}`)}</span>
            </label>
          ))}
        </div>
        <small class="ui-field-hint">{t(`work.level.${level}`)}</small>
      </fieldset>
      <div class="form-buttons">
        <Button onClick={onDone}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary">
          {t('action.run')}
        </Button>
      </div>
    </form>
  );
}
