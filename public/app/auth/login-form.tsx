import { useEffect, useRef, useState } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';
import { PasswordField } from './password-field.tsx';
import { useSubmit } from './use-submit.ts';

export function LoginForm() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, submit } = useSubmit(() => state.session.login({ email: email.trim(), password }));
  const onPassword = error?.code === 'BAD_CREDENTIALS';
  const first = useRef<HTMLInputElement>(null);
  // The attribute works once in a page: not for whoever is signed out while typing.
  useEffect(() => first.current?.focus(), []);
  return (
    <form class="auth-form" onSubmit={submit}>
      <TextField
        label={t('field.email')}
        type="email"
        invalidWords={(validity) => t(validity.valueMissing ? 'field.missing' : 'field.badEmail')}
        name="email"
        autocomplete="username"
        dir="ltr"
        required
        inputRef={first}
        value={email}
        onInput={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordField
        label={t('field.password')}
        name="password"
        autocomplete="current-password"
        value={password}
        error={onPassword ? explain(i18n, error) : undefined}
        onInput={(event) => setPassword(event.currentTarget.value)}
      />
      {error !== null && !onPassword ? (
        <p class="form-error" role="alert">
          {explain(i18n, error)}
        </p>
      ) : null}
      <Button type="submit" variant="primary" block busy={busy}>
        {t('auth.login')}
      </Button>
    </form>
  );
}
