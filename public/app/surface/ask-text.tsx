import { useState } from 'preact/hooks';
import type { AskSpec } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import type { AskInputProps } from './ask-view.tsx';

export interface AskTextProps extends AskInputProps {
  readonly spec: Extract<AskSpec, { kind: 'text' }>;
}

/** A question that wants some words. Enter sends them, as in the composer. */
export function AskText({ askId, prompt, busy, spec, skip, onSend }: AskTextProps) {
  const { state, i18n } = useApp();
  const { asks } = state.surface;
  const [text, setText] = useState(() => textOf(asks.readDraft(askId)));
  const limit = spec.maxLength === undefined ? {} : { maxLength: spec.maxLength };
  const send = () => {
    if (text.trim() !== '' && !busy) onSend(text.trim());
  };
  return (
    <form
      class="ask-text"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        {...limit}
        class="text-area grow"
        dir="auto"
        rows={1}
        aria-label={prompt}
        placeholder={spec.placeholder ?? i18n.t('ask.placeholder')}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          asks.keepDraft(askId, currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <Button type="submit" variant="primary" busy={busy} disabled={text.trim() === ''}>
        {i18n.t('ask.answer')}
      </Button>
      {skip}
    </form>
  );
}

const textOf = (draft: unknown): string => (typeof draft === 'string' ? draft : '');
