import type { Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandInfo } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { parseCommandLine } from '../state/command-line.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';
import { commandSummary } from './command-summary.ts';

type Arg = CommandInfo['args'][number];

/** A command with a password is filled in, not typed: its words never stand in a text that could be kept or shown. */
export function SecretForm({ command, text }: { readonly command: CommandInfo; readonly text: Signal<string> }) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const [values, setValues] = useState<readonly string[]>(() => parseCommandLine(text.peek())?.args ?? []);
  const set = (index: number, value: string) => setValues(command.args.map((_, at) => (at === index ? value : (values[at] ?? ''))));
  const firstEmpty = Math.max(
    0,
    command.args.findIndex((_, index) => !values[index]),
  );
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelectorAll('input')[firstEmpty]?.focus(), []);
  const close = () => {
    text.value = '';
  };
  return (
    <form
      ref={form}
      class="secret-form"
      aria-label={`/${command.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        close();
        actions.runCommand(
          command.name,
          command.args.map((_, index) => values[index] ?? ''),
        );
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <p class="secret-head">
        <code dir="ltr">/{command.name}</code>
        <span dir="auto">{commandSummary(i18n, command)}</span>
      </p>
      <div class="secret-fields">
        {command.args.map((arg, index) => (
          <TextField
            key={arg.name}
            label={labelOf(t, i18n.has, arg)}
            type={typeOf(arg)}
            autocomplete={completionOf(arg, command.name)}
            required={arg.required}
            value={values[index] ?? ''}
            {...(arg.secret === true ? { revealLabels: { show: t('field.showPassword'), hide: t('field.hidePassword') } } : {})}
            onInput={(event) => set(index, event.currentTarget.value)}
          />
        ))}
      </div>
      <div class="form-buttons">
        <small>{t('composer.secretHint')}</small>
        <Button size="sm" onClick={close}>
          {t('action.cancel')}
        </Button>
        <Button size="sm" variant="primary" type="submit">
          {t('action.run')}
        </Button>
      </div>
    </form>
  );
}

function typeOf(arg: Arg): 'text' | 'email' | 'password' {
  if (arg.secret === true) return 'password';
  return arg.name === 'email' ? 'email' : 'text';
}

function completionOf(arg: Arg, command: string): 'current-password' | 'new-password' | 'username' | 'name' | 'off' {
  if (arg.secret === true) return command === 'login' || arg.name === 'current' ? 'current-password' : 'new-password';
  if (arg.name === 'email') return 'username';
  return arg.name === 'name' ? 'name' : 'off';
}

function labelOf(t: (key: string) => string, has: (key: string) => boolean, arg: Arg): string {
  const key = `field.${arg.name}`;
  return has(key) ? t(key) : arg.name;
}
