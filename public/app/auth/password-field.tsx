import { useApp } from '../app-context.ts';
import { TextField, type TextFieldProps } from '../ui/text-field.tsx';

export interface PasswordFieldProps extends Pick<TextFieldProps, 'label' | 'value' | 'onInput' | 'error' | 'hint' | 'name' | 'autofocus'> {
  /** Tells password managers whether to fill in or to propose. */
  readonly autocomplete: 'current-password' | 'new-password';
}

/** A password, hidden until the person wants to see it. */
export function PasswordField(props: PasswordFieldProps) {
  const { t } = useApp().i18n;
  const reveal = { show: t('field.showPassword'), hide: t('field.hidePassword') };
  return <TextField {...props} type="password" dir="ltr" required revealLabels={reveal} invalidWords={() => t('field.missing')} />;
}
