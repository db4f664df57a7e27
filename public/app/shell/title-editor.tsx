import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';

export interface TitleEditorProps {
  readonly title: string;
  /** Default: the title of a conversation, with 200 characters. */
  readonly label?: string;
  readonly maxLength?: number;
  readonly onDone: (next: string | null) => void;
}

/** Enter and leaving the field keep the new title, Esc keeps the old one. */
export function TitleEditor({ title, label, maxLength = 200, onDone }: TitleEditorProps) {
  const { i18n } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useLayoutEffect(() => input.current?.select(), []);
  const finish = (keep: boolean) => {
    if (done.current) return;
    const place = input.current === document.activeElement ? input.current?.parentElement : null;
    // The title takes the place of the field, and the focus with it.
    if (place) requestAnimationFrame(() => place.querySelector<HTMLElement>('a, button')?.focus());
    done.current = true;
    const next = input.current?.value.trim() ?? '';
    onDone(keep && next !== '' && next !== title ? next : null);
  };
  return (
    <input
      ref={input}
      class="title-input"
      dir="auto"
      maxLength={maxLength}
      defaultValue={title}
      aria-label={label ?? i18n.t('conversation.title')}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.isComposing) finish(true);
        if (event.key === 'Escape') {
          event.stopPropagation();
          finish(false);
        }
      }}
    />
  );
}
