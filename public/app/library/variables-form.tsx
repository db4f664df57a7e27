import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Prompt } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { fillPrompt, variablesOf } from '../state/prompts.ts';
import { Button } from '../ui/button.tsx';
import { useInsertText } from './use-insert-prompt.ts';

export interface VariablesFormProps {
  readonly prompt: Prompt;
  readonly onBack: () => void;
}

/** Asks for what a prompt leaves open, and shows the text as it will be. */
export function VariablesForm({ prompt, onBack }: VariablesFormProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<ReadonlyMap<string, string>>(new Map());
  const insert = useInsertText();
  const names = variablesOf(prompt.text);
  useEffect(() => form.current?.querySelector('textarea')?.focus(), []);
  return (
    <form
      ref={form}
      class="prompt-form"
      onSubmit={(event) => {
        event.preventDefault();
        insert(fillPrompt(prompt.text, values));
      }}
    >
      {names.map((name, index) => (
        <div key={name} class="ui-field">
          <label class="ui-field-label" for={`${id}-${index}`}>
            <bdi>{name}</bdi>
          </label>
          <textarea
            id={`${id}-${index}`}
            class="ui-input variable-area"
            dir="auto"
            rows={1}
            value={values.get(name) ?? ''}
            onInput={(event) => setValues(new Map(values).set(name, event.currentTarget.value))}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              form.current?.requestSubmit();
            }}
          />
        </div>
      ))}
      <section aria-label={t('prompts.preview')}>
        <p class="ui-field-label">{t('prompts.preview')}</p>
        <p class="prompt-preview" dir="auto">
          {fillPrompt(prompt.text, new Map(names.map((name) => [name, values.get(name) || `[${name}]`])))}
        </p>
      </section>
      <div class="prompt-buttons">
        <Button onClick={onBack}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary">
          {t('prompts.insert')}
        </Button>
      </div>
    </form>
  );
}
