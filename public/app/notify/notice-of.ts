import { textOf } from '../chat/message-parts.ts';
import type { I18n } from '../state/i18n.ts';
import type { DoneWork } from './long-work.ts';

export interface SystemNotice {
  readonly title: string;
  readonly body: string;
  /** One of the same name takes the place of the one before, in whichever tab it was made. */
  readonly tag: string;
  /** What a click opens. */
  readonly path: string;
}

const longest = 140;

/** The words of a notification. Without leave it holds none of the conversation: others may see the screen. */
export function noticeOf(i18n: I18n, work: DoneWork, given: { readonly previews: boolean; readonly title: string }): SystemNotice {
  const { t } = i18n;
  const app = t('app.name');
  if (work.kind === 'job') {
    const good = work.job.status === 'succeeded';
    return { title: app, body: t(good ? 'notify.jobReady' : 'notify.jobFailed'), tag: `job-${work.job.id}`, path: '/jobs' };
  }
  const { conversationId, status, parts } = work.message;
  const said = t(status === 'complete' ? 'notify.answerReady' : 'notify.answerEnded');
  const words = textOf(parts)
    .replaceAll(/[*_`#>|~]+/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const preview = words.length > longest ? `${words.slice(0, longest)}…` : words;
  const shown = given.previews && preview !== '';
  return {
    title: shown && given.title !== '' ? given.title : app,
    body: shown ? preview : said,
    tag: `answer-${conversationId}`,
    path: `/c/${conversationId}`,
  };
}
