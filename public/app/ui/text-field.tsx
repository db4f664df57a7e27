import type { PartialInputHTMLAttributes, Ref } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

export interface TextFieldProps
  extends Omit<PartialInputHTMLAttributes<HTMLInputElement>, 'label' | 'class' | 'className' | 'id' | 'role' | 'type' | 'list'> {
  readonly type?: 'text' | 'email' | 'password' | 'search' | 'url';
  readonly label: string;
  readonly hint?: string | undefined;
  /** says what is wrong and how to mend it; announced when it appears */
  readonly error?: string | undefined;
  /** for type="password": the names of the button that shows and hides it; without them there is no such button */
  readonly revealLabels?: { readonly show: string; readonly hide: string };
  readonly inputRef?: Ref<HTMLInputElement>;
  /** What the field says where the browser would speak in its own language; without it the browser speaks. */
  readonly invalidWords?: ((validity: ValidityState) => string) | undefined;
}

/** Preact's types pair each input type with its roles, so the attribute is picked whole. */
const typeAttributes = {
  text: { type: 'text' },
  email: { type: 'email' },
  password: { type: 'password' },
  search: { type: 'search' },
  url: { type: 'url' },
} as const;

/** Addresses and passwords read from left to right in every language, and so does the button beside them. */
const latinTypes: ReadonlySet<string> = new Set(['email', 'password', 'url']);

/** The words of a browser that refuses to send, in the language of the page. */
function useInvalid(words: TextFieldProps['invalidWords'], onInput: TextFieldProps['onInput']) {
  const [said, setSaid] = useState<string | undefined>(undefined);
  if (words === undefined) return { said, attributes: {} };
  const onInvalid = (event: Event & { readonly currentTarget: HTMLInputElement }) => {
    const field = event.currentTarget;
    event.preventDefault();
    setSaid(words(field.validity));
    // The first of several is where one goes on.
    if (field.form?.querySelector(':invalid') === field) field.focus();
  };
  // In one handler: drawn again between two, the field would be given its old text back.
  const typed: typeof onInput = (event) => {
    setSaid(undefined);
    onInput?.(event);
  };
  return { said, attributes: { onInvalid, onInput: typed } };
}

export function TextField({ label, hint, error: given, revealLabels, inputRef, invalidWords, type = 'text', ...rest }: TextFieldProps) {
  const id = useId();
  const { said, attributes } = useInvalid(invalidWords, rest.onInput);
  const error = said ?? given;
  const [revealed, setRevealed] = useState(false);
  const reveal = type === 'password' ? revealLabels : undefined;
  const described = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return (
    <div class="ui-field" data-reveal={reveal ? '' : undefined}>
      <label class="ui-field-label" for={id}>
        {label}
      </label>
      <div class="ui-field-control" dir={latinTypes.has(type) ? 'ltr' : undefined}>
        <input
          dir="auto"
          {...rest}
          {...attributes}
          id={id}
          ref={inputRef ?? null}
          class="ui-input"
          {...typeAttributes[reveal && revealed ? 'text' : type]}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={described === '' ? undefined : described}
        />
        {reveal ? (
          <IconButton
            icon={revealed ? 'eye-off' : 'eye'}
            label={revealed ? reveal.hide : reveal.show}
            tooltip="none"
            size="sm"
            onClick={() => setRevealed(!revealed)}
          />
        ) : null}
      </div>
      {hint ? (
        <p class="ui-field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      <div aria-live="polite">
        {error ? (
          <p class="ui-field-error" id={`${id}-error`}>
            <Icon name="alert" size="sm" />
            {error}
          </p>
        ) : null}
      </div>
    </div>
  );
}
