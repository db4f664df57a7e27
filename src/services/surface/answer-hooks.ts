import type { SurfaceModelEvent } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { type Part, partKey, type ServerFrameOf } from '../../protocol/index.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import { fileIdsOf, textOf } from '../conversations/message-record.ts';
import type { AnswerSurface, AskedExtras } from '../generations/answer-surface.ts';
import type { LiveGeneration } from '../generations/live-generation.ts';
import type { PluginEntry } from '../plugins/plugin-entry.ts';
import type { SurfaceHooks } from './hooks.ts';
import type { RunOptions } from './plugin-runs.ts';
import type { SurfaceDirectory } from './surface-directory.ts';
import { idIn, SurfaceParts } from './surface-parts.ts';
import type { SurfacePeople } from './surface-people.ts';
import { isPartEvent, type PartEvent, type PartPlace } from './surface-ports.ts';

/** All plugins together may keep an answer waiting for so long; then it goes on without those that are not done. */
export const MESSAGE_HOOK_MS = 15_000;
/** Told to the model, in characters. */
const MAX_CONTEXT = 48 * 1024;
/** Parts with a key in one answer: each further one is looked for among all of them. */
const MAX_PARTS = 1000;
const MAX_TOASTS = 5;
/** What hooks may put before an answer, in characters of JSON. */
const MAX_BEFORE = 512 * 1024;

export interface AnswerHooksOptions {
  readonly hooks: SurfaceHooks;
  readonly parts: SurfaceParts;
  readonly directory: SurfaceDirectory;
  readonly people: SurfacePeople;
  readonly toast: (userId: string, frame: ServerFrameOf<'toast'>) => void;
  readonly announce: (place: PartPlace, part: Extract<Part, { type: 'ask' }>) => void;
  readonly clock: Clock;
}

/** What plugins have to do with the answers of models. */
export class AnswerHooks implements AnswerSurface {
  readonly #options: AnswerHooksOptions;
  /** How many toasts an answer has had. */
  readonly #toasts = new WeakMap<LiveGeneration, number>();

  constructor(options: AnswerHooksOptions) {
    this.#options = options;
  }

  async before(live: LiveGeneration): Promise<string> {
    const { question, conversation, continued, record } = live;
    // An answer that goes on was prepared when it began.
    if (continued || question === null) return '';
    const event = { messageId: question.id, text: textOf(question.parts), fileIds: fileIdsOf(question.parts) };
    const occasion = { userId: record.ownerId, conversationId: conversation.id, conversation, event };
    const until = this.#options.clock.now() + MESSAGE_HOOK_MS;
    const said: string[] = [];
    await this.#options.hooks.ask('message', occasion, (entry) => this.#turn(live, entry, until, said));
    const { log } = live;
    // The model's own words begin a paragraph of their own.
    if (log.parts().at(-1)?.type === 'text') log.appendText('text', '\n\n');
    return said.join('\n\n').slice(0, MAX_CONTEXT);
  }

  extras(conversation: ConversationRecord): AskedExtras {
    const { directory } = this.#options;
    const modes = directory.modes(conversation);
    const instruction = directory.profile(conversation.profile)?.declaration.systemInstruction;
    return {
      ...(conversation.profile === undefined ? {} : { profile: conversation.profile, values: directory.values(conversation) }),
      ...(Object.keys(modes).length === 0 ? {} : { modes }),
      ...(instruction === undefined ? {} : { systemInstruction: instruction }),
    };
  }

  async take(live: LiveGeneration, event: SurfaceModelEvent): Promise<number> {
    if (event.type !== 'toast') return this.#show(live, live.model.info.provider, event);
    this.#toast(live, event);
    return 0;
  }

  ended({ record, answer }: LiveGeneration, status: 'complete' | 'stopped' | 'interrupted' | 'failed'): void {
    if (status !== 'stopped') return;
    const { ownerId: userId, conversationId } = record;
    this.#options.hooks.fire('stop', { userId, conversationId, event: { messageId: answer.id } });
  }

  began({ ownerId: userId, id: conversationId }: ConversationRecord): void {
    this.#options.hooks.fire('chatStart', { userId, conversationId, event: {} });
  }

  #turn(live: LiveGeneration, entry: PluginEntry, until: number, said: string[]) {
    const left = until - this.#options.clock.now();
    let characters = 0;
    const take: RunOptions['take'] = async (event) => {
      if (event.type === 'context') said.push(event.text);
      else if (event.type === 'text') live.log.appendText('text', event.text);
      else if (event.type === 'toast') this.#toast(live, event);
      else if (isPartEvent(event)) characters += await this.#show(live, entry.name, event);
      if (event.type === 'text') characters += event.text.length;
      if (characters > MAX_BEFORE) throw new AppError('PLUGIN_FAILED', { params: { plugin: entry.name } });
    };
    const failed = ({ code }: AppError) => this.#sayFailed(live, entry, code);
    return { signal: live.controller.signal, limitMs: Math.max(1, left), take, failed };
  }

  /** The answer goes on without it, and says so. */
  #sayFailed({ log }: LiveGeneration, entry: PluginEntry, code: string): void {
    for (const part of log.parts()) {
      if (part.type === 'step' && part.status === 'running' && part.stepId.startsWith(`${entry.name}.`))
        log.appendPart({ ...part, status: 'failed' });
    }
    const name = entry.loaded.definition?.title.en ?? entry.name;
    log.appendPart({ type: 'step', stepId: idIn(entry.name, 'hook'), name, status: 'failed', output: code });
  }

  /** @returns how long the part is, in characters of JSON */
  async #show(live: LiveGeneration, plugin: string, event: PartEvent): Promise<number> {
    const { parts, people, announce } = this.#options;
    const { log, record } = live;
    const key = SurfaceParts.keyOf(plugin, event);
    if (event.type === 'remove' && !log.parts().some((part) => partKey(part) === key)) return 0;
    const isNew = event.type !== 'remove' && (key === null || !log.parts().some((part) => partKey(part) === key));
    if (isNew && log.parts().length >= MAX_PARTS) throw new AppError('PLUGIN_FAILED', { params: { plugin } });
    const { ownerId, conversationId } = record;
    const place = { ownerId, plugin, conversationId, messageId: live.answer.id, locale: people.localeOf(ownerId) };
    const part = await parts.partOf(event, place, log.parts());
    log.appendPart(part);
    if (part.type === 'ask') announce(place, part);
    return JSON.stringify(part).length;
  }

  #toast(live: LiveGeneration, { level, text }: { readonly level: ServerFrameOf<'toast'>['level']; readonly text: string }): void {
    const count = (this.#toasts.get(live) ?? 0) + 1;
    this.#toasts.set(live, count);
    if (count > MAX_TOASTS) return;
    this.#options.toast(live.record.ownerId, { type: 'toast', level, text: text.slice(0, 500) });
  }
}
