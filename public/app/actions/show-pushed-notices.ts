import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { I18n } from '../state/i18n.ts';
import type { Toasts } from '../state/toasts.ts';

export interface PushedNoticesDeps {
  readonly connection: { onFrame(listener: (frame: ServerFrame) => void): () => void };
  readonly i18n: I18n;
  readonly toasts: Toasts;
}

/** Notices that answer no request, such as that a budget is nearly used up, pass by as toasts; so do the toasts of plugins. @returns how to end it */
export function showPushedNotices({ connection, i18n, toasts }: PushedNoticesDeps): () => void {
  return connection.onFrame((frame) => {
    if (frame.type === 'toast') toasts.add({ text: frame.text, foreign: true, tone: frame.level === 'error' ? 'danger' : frame.level });
    // The answer itself says that it was stopped.
    if (frame.type !== 'notice' || frame.replyTo !== undefined || frame.code === 'STOPPED') return;
    const key = `notice.${frame.code}`;
    const period = `period.${String(frame.params['period'])}`;
    const params = i18n.has(period) ? { ...frame.params, period: i18n.t(period) } : frame.params;
    toasts.add({ text: i18n.has(key) ? i18n.t(key, params) : frame.text, tone: 'warning' });
  });
}
