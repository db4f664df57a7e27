import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import type { ControlProps } from './field-view.tsx';

const mostTags = 50;
const longest = 100;

/** Words of one's own: Enter or a comma ends one, the way back takes the last one away. */
export function TagInput({ field, value, id, described, invalid, onChange }: ControlProps) {
  const { i18n } = useApp();
  const [text, setText] = useState('');
  const tags = Array.isArray(value) ? value.filter((tag) => typeof tag === 'string') : [];
  const disabled = field.disabled === true;
  const add = (words: string) => {
    const fresh = words
      .split(/[,،\n]/)
      .map((tag) => tag.trim().slice(0, longest))
      .filter((tag) => tag !== '');
    if (fresh.length > 0) onChange([...new Set([...tags, ...fresh])].slice(0, mostTags));
    setText('');
  };
  const remove = (tag: string) => onChange(tags.filter((one) => one !== tag));

  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && text === '' && tags.length > 0) onChange(tags.slice(0, -1));
  }

  return (
    <div class="tag-input" data-disabled={disabled ? '' : undefined}>
      {tags.map((tag) => (
        <span key={tag} class="tag">
          <bdi>{tag}</bdi>
          {disabled ? null : (
            <button type="button" class="tag-remove" aria-label={i18n.t('field.removeTag', { tag })} onClick={() => remove(tag)}>
              <Icon name="close" size="sm" />
            </button>
          )}
        </span>
      ))}
      <input
        id={id}
        type="text"
        dir="auto"
        disabled={disabled}
        aria-describedby={described}
        aria-invalid={invalid ? 'true' : undefined}
        placeholder={tags.length === 0 ? (field.placeholder ?? i18n.t('field.tagHint')) : undefined}
        value={text}
        onInput={({ currentTarget }) => (/[,،]/.test(currentTarget.value) ? add(currentTarget.value) : setText(currentTarget.value))}
        onKeyDown={onKeyDown}
        onBlur={() => add(text)}
      />
    </div>
  );
}
