import '../../styles/page.css';
import { useEffect, useMemo } from 'preact/hooks';
import type { Finding, User } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { type App, useApp } from '../app-context.ts';
import { createLocalStore } from '../browser/local-store.ts';
import { useCopy } from '../chat/use-copy.ts';
import { checkBrowser } from '../state/browser-checks.ts';
import { type CheckUpView, createCheckUp } from '../state/check-up.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { FindingList } from './finding-list.tsx';
import { reportText } from './finding-words.ts';

/** What is wrong between this browser, the server and the model, in plain words and with the mend. */
export function DoctorPage({ user }: { readonly user: User }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const checkUp = useMemo(
    () => createCheckUp({ rest: state.rest, now: () => Date.now(), checkBrowser: () => checkThisBrowser(state) }),
    [],
  );
  const view = checkUp.view.value;
  useEffect(() => void checkUp.run(), []);
  return (
    <div class="page-column page-narrow">
      <p class="page-lead">{t(user.role === 'admin' ? 'doctor.lead' : 'doctor.leadPerson')}</p>
      <div class="page-tools">
        <Verdict view={view} />
        <div class="page-buttons">
          {view.at === null ? null : <CopyReport text={() => report(view, i18n, state)} />}
          <Button icon="refresh" busy={view.running} onClick={() => void checkUp.run()}>
            {t('doctor.again')}
          </Button>
        </div>
      </div>
      {view.error === null ? null : (
        <p class="form-error" role="alert">
          {t('doctor.serverMissing')} {explain(i18n, view.error)}
        </p>
      )}
      {view.at === null ? <Skeleton lines={6} /> : <FindingList findings={view.findings} />}
    </div>
  );
}

function Verdict({ view }: { readonly view: CheckUpView }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const count = (state: Finding['state']) => view.findings.filter((finding) => finding.state === state).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const state = view.at === null ? 'running' : problems > 0 ? 'problem' : warnings > 0 ? 'warning' : 'ok';
  const words = {
    running: t('doctor.running'),
    problem: t('doctor.problems', { count: problems }),
    warning: t('doctor.warnings', { count: warnings }),
    ok: t('doctor.allWell'),
  };
  return (
    <div class="verdict" data-state={state} role="status" aria-busy={view.running}>
      <Icon name={state === 'ok' ? 'check' : state === 'running' ? 'pulse' : 'alert'} />
      <div>
        <p class="verdict-words">{words[state]}</p>
        {view.at === null ? null : (
          <small>{t('doctor.at', { time: i18n.date(new Date(view.at).toISOString(), { timeStyle: 'medium' }) })}</small>
        )}
      </div>
    </div>
  );
}

function CopyReport({ text }: { readonly text: () => string }) {
  const { i18n } = useApp();
  const { copied, copy } = useCopy();
  return (
    <Button icon={copied ? 'check' : 'copy'} onClick={() => copy(text())}>
      {i18n.t(copied ? 'action.copied' : 'doctor.copy')}
    </Button>
  );
}

function checkThisBrowser(state: App['state']): Promise<readonly Finding[]> {
  return checkBrowser({
    connection: state.connection,
    fetch: (path, init) => fetch(path, init),
    store: createLocalStore(() => localStorage),
    clock: state.clock,
    origin: location.origin,
    secure: globalThis.isSecureContext,
  });
}

function report(view: CheckUpView, i18n: App['i18n'], state: App['state']): string {
  const version = state.settings.info.peek()?.server.version ?? '?';
  const head = [
    `Jarvis Argus ${version} · ${new Date(view.at ?? 0).toISOString()}`,
    `${location.origin} · ${navigator.userAgent} · ${i18n.locale.peek()}`,
  ];
  return reportText(i18n, view.findings, head);
}
