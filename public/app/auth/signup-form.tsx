import { useEffect, useRef, useState } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';
import { PasswordField } from './password-field.tsx';
import { useSubmit } from './use-submit.ts';

const emailCodes: ReadonlySet<string> = new Set(['EMAIL_TAKEN']);
const passwordCodes: ReadonlySet<string> = new Set(['PASSWORD_WEAK', 'PASSWORD_TOO_LONG']);

export function SignupForm() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, submit } = useSubmit(() => state.session.signup({ name: name.trim(), email: email.trim(), password }));
  const at = (codes: ReadonlySet<string>) => (error !== null && codes.has(error.code) ? explain(i18n, error) : undefined);
  const elsewhere = error !== null && !emailCodes.has(error.code) && !passwordCodes.has(error.code);
  const first = useRef<HTMLInputElement>(null);
  // The attribute works once in a page: not for whoever is signed out while typing.
  useEffect(() => first.current?.focus(), []);
  return (
    <form class="auth-form" onSubmit={submit}>
      <TextField
        label={t('field.name')}
        invalidWords={() => t('field.missing')}
        name="name"
        autocomplete="name"
        required
        inputRef={first}
        maxLength={80}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <TextField
        label={t('field.email')}
        type="email"
        invalidWords={(validity) => t(validity.valueMissing ? 'field.missing' : 'field.badEmail')}
        name="email"
        autocomplete="username"
        dir="ltr"
        required
        value={email}
        error={at(emailCodes)}
        onInput={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordField
        label={t('field.password')}
        name="password"
        autocomplete="new-password"
        hint={t('field.passwordHint')}
        value={password}
        error={at(passwordCodes)}
        onInput={(event) => setPassword(event.currentTarget.value)}
      />
      {elsewhere ? (
        <p class="form-error" role="alert">
          {explain(i18n, error)}
        </p>
      ) : null}
      <Button type="submit" variant="primary" block busy={busy}>
        {t('auth.signup')}
      </Button>
    </form>
  );
}
