import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { ConnectionBanner } from '../shell/connection-banner.tsx';
import { Logo } from '../shell/logo.tsx';
import { LanguageMenu, ThemeMenu } from '../shell/preference-menus.tsx';
import { Button } from '../ui/button.tsx';
import { LoginForm } from './login-form.tsx';
import { SignupForm } from './signup-form.tsx';

/** Sign-in and sign-up. */
export function AuthPage({ ended }: { readonly ended: boolean }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const server = state.settings.info.value?.server;
  const firstUser = server?.firstUser === true;
  const mode = server?.signup ?? 'open';
  const signup = mode === 'first-user' ? (firstUser ? 'open' : 'closed') : mode;
  const [chosen, setChosen] = useState<Tab | null>(null);
  const tab = signup === 'closed' ? 'login' : (chosen ?? (firstUser ? 'signup' : 'login'));
  return (
    <div class="auth-page">
      <ConnectionBanner />
      <header class="auth-bar">
        <LanguageMenu />
        <ThemeMenu />
      </header>
      <main class="auth-main">
        <section class="auth-card" aria-labelledby="auth-title">
          <Logo />
          <h1 id="auth-title" class="auth-title">
            {t(tab === 'login' ? 'auth.welcomeBack' : 'auth.welcome')}
          </h1>
          <p class="auth-lead">{t(tab === 'login' ? 'auth.loginLead' : 'auth.signupLead')}</p>
          {ended ? <Note words={t('auth.ended')} /> : null}
          {signup === 'closed' ? <Note words={t('auth.closed')} /> : null}
          {firstUser && tab === 'signup' ? <Note words={t('auth.firstUser')} /> : null}
          {tab === 'login' ? <LoginForm /> : <SignupForm />}
          {signup === 'closed' ? null : <TabSwitch tab={tab} onSwitch={setChosen} />}
        </section>
        {server?.demo === true ? <p class="auth-foot">{t('auth.demo')}</p> : null}
      </main>
    </div>
  );
}

function Note({ words }: { readonly words: string }) {
  return (
    <p class="auth-note" role="status">
      {words}
    </p>
  );
}

type Tab = 'login' | 'signup';

function TabSwitch({ tab, onSwitch }: { readonly tab: Tab; readonly onSwitch: (tab: Tab) => void }) {
  const { t } = useApp().i18n;
  return (
    <p class="auth-switch">
      <span>{t(tab === 'login' ? 'auth.noAccount' : 'auth.haveAccount')}</span>
      <Button variant="ghost" size="sm" onClick={() => onSwitch(tab === 'login' ? 'signup' : 'login')}>
        {t(tab === 'login' ? 'auth.signup' : 'auth.login')}
      </Button>
    </p>
  );
}
