import { explain } from '../actions/explain.ts';
import { readCommands, readCost, readExport, readFindings, readJobs, readModels, readRows, readSettings } from '../actions/notice-data.ts';
import { useApp } from '../app-context.ts';
import { downloadText } from '../browser/download-text.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { FindingRows, JobRows } from '../shell/side-pages.tsx';
import { focusComposer, returnToComposer } from '../shell/use-shortcuts.ts';
import { money } from '../state/amounts.ts';
import { isSecretCommand, parseCommandLine } from '../state/command-line.ts';
import type { I18n } from '../state/i18n.ts';
import type { NoticeCard } from '../state/notices.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { CommandRows, ConversationRows, ModelRows, SettingRows } from './notice-rows.tsx';

export interface NoticeViewProps {
  readonly card: NoticeCard;
  readonly text: { value: string };
}

/** What a command answered: a card in the flow that nobody keeps. */
export function NoticeView({ card, text }: NoticeViewProps) {
  const { state, i18n } = useApp();
  const { answer } = card;
  return (
    <section
      class="notice"
      data-state={answer.state}
      role={answer.state === 'failed' ? 'alert' : 'status'}
      aria-label={i18n.t('notice.label')}
    >
      <header class="notice-head">
        <code class="notice-command" dir="ltr">
          {card.command}
        </code>
        <IconButton icon="close" size="sm" label={i18n.t('action.dismiss')} tooltip="none" onClick={() => state.notices.dismiss(card.id)} />
      </header>
      {answer.state === 'running' ? <Spinner label={i18n.t('notice.running')} /> : null}
      {answer.state === 'failed' ? <p class="notice-text">{explain(i18n, answer.error)}</p> : null}
      {answer.state === 'failed' ? <RunAgain card={card} /> : null}
      {answer.state === 'done' ? <NoticeBody notice={answer.notice} text={text} /> : null}
    </section>
  );
}

/** Whoever forgot the picture attaches one and goes on here: the command need not be written again. */
function RunAgain({ card }: { readonly card: NoticeCard }) {
  const { state, i18n, actions, uploads } = useApp();
  const line = parseCommandLine(card.command ?? '');
  const coming = uploads.items.value.some(({ scope, state: stage }) => scope === (card.conversationId ?? '') && stage === 'uploading');
  const commands = state.settings.info.value?.commands ?? [];
  // What was secret in it is not kept; a name that does not exist stays wrong.
  if (line === null || isSecretCommand(line.name, commands) || !commands.some(({ name }) => name === line.name)) return null;
  return (
    <Button
      size="sm"
      icon="refresh"
      disabled={coming}
      onClick={() => {
        state.notices.dismiss(card.id);
        actions.runCommand(line.name, line.args);
        returnToComposer();
      }}
    >
      {i18n.t('action.retry')}
    </Button>
  );
}

type Notice = Extract<NoticeCard['answer'], { state: 'done' }>['notice'];

function NoticeBody({ notice, text }: { readonly notice: Notice; readonly text: { value: string } }) {
  const { i18n } = useApp();
  const key = `notice.${notice.code}`;
  const params = localParams(i18n, notice);
  const known = i18n.has(key) || i18n.has(`${key}.other`);
  if (notice.code === 'PLUGIN_ANSWER') return <Markdown source={String(notice.params['text'] ?? '')} streaming={false} />;
  return (
    <>
      <p class="notice-text" dir={known ? undefined : 'auto'}>
        {known ? i18n.t(key, params) : notice.text}
      </p>
      <NoticeData notice={notice} text={text} />
    </>
  );
}

/** Words and sums of the protocol that look otherwise in each language. */
function localParams(i18n: I18n, { code, params, data }: Notice): Notice['params'] {
  const local = { ...params };
  if (code === 'USAGE') {
    const [today, month] = [readCost(data, 'today'), readCost(data, 'thisMonth')];
    if (today !== null) local['today'] = money(i18n, today);
    if (month !== null) local['month'] = money(i18n, month);
  }
  for (const name of ['role', 'level']) {
    const key = `${name}.${String(params[name])}`;
    if (i18n.has(key)) local[name] = i18n.t(key);
  }
  const command = /^\/(\w+)/.exec(String(params['usage']))?.[1];
  // In English the server's summary says more.
  if (i18n.locale.value !== 'en' && i18n.has(`command.${command}`)) local['summary'] = i18n.t(`command.${command}`);
  return local;
}

function NoticeData({ notice, text }: { readonly notice: Notice; readonly text: { value: string } }) {
  const { state, i18n } = useApp();
  const { code, data } = notice;
  const fill = (words: string) => {
    text.value = words;
    focusComposer();
  };
  if (code === 'HELP') return <CommandRows commands={readCommands(data)} onChoose={(name) => fill(`/${name} `)} />;
  if (code === 'CONVERSATIONS' || code === 'SEARCH_RESULTS') return <ConversationRows rows={readRows(data)} />;
  if (code === 'MODEL_CURRENT') return <ModelRows models={readModels(data)} />;
  if (code === 'SETTINGS' || code === 'SETTINGS_SAVED') return <SettingRows settings={readSettings(data)} />;
  if (code === 'DOCTOR' || code === 'DOCTOR_WELL') return <FindingRows findings={readFindings(data)} compact />;
  if (code === 'JOBS') return <JobRows jobs={readJobs(data)} />;
  if (code === 'PLUGINS' || code === 'PLUGIN_ON' || code === 'PLUGIN_OFF') {
    return (
      <Button size="sm" icon="plug" onClick={() => state.router.open('plugins')}>
        {i18n.t('plugins.title')}
      </Button>
    );
  }
  const file = code === 'EXPORTED' ? readExport(data) : null;
  if (file === null) return null;
  return (
    <Button size="sm" icon="download" onClick={() => downloadText(file.filename, file.mime, file.content)}>
      {i18n.t('action.downloadNamed', { name: file.filename })}
    </Button>
  );
}
