import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Prompt } from '../../../src/protocol/library-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { type Prompts, variablesOf } from '../state/prompts.ts';
import { toRequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';

export interface PromptFormProps {
  readonly prompts: Prompts;
  /** Null: a new one. */
  readonly prompt: Prompt | null;
  /** What a new one begins with. */
  readonly text: string;
  readonly onDone: () => void;
}

const titleLength = 120;
const textLength = 16_384;

export function PromptForm({ prompts, prompt, text: given, onDone }: PromptFormProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState(prompt?.title ?? '');
  const [text, setText] = useState(prompt?.text ?? given);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  useEffect(() => field.current?.focus(), []);
  const names = variablesOf(text);
  const words = { title: title.trim(), text: text.trim() };
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      if (prompt === null) await prompts.create(words);
      else await prompts.change(prompt, words);
      onDone();
    } catch (cause) {
      setError(explain(i18n, toRequestError(cause)));
      setBusy(false);
    }
  };
  return (
    <form
      class="prompt-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label={t('prompts.name')}
        inputRef={field}
        maxLength={titleLength}
        required
        value={title}
        error={error}
        onInput={(event) => setTitle(event.currentTarget.value)}
      />
      <div class="ui-field">
        <label class="ui-field-label" for={`${id}-text`}>
          {t('prompts.text')}
        </label>
        <textarea
          id={`${id}-text`}
          class="ui-input prompt-area"
          dir="auto"
          rows={8}
          required
          maxLength={textLength}
          aria-describedby={`${id}-hint`}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="ui-field-hint" id={`${id}-hint`}>
          {t('prompts.textHint')}
        </p>
      </div>
      {names.length === 0 ? null : (
        <p class="prompt-names">
          {t('prompts.variables')}
          {names.map((name) => (
            <bdi key={name} class="prompt-name">
              {name}
            </bdi>
          ))}
        </p>
      )}
      <div class="prompt-buttons">
        <Button onClick={onDone}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" busy={busy} disabled={words.title === '' || words.text === ''}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
