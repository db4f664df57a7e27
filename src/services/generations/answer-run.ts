import type { ChosenModel, ModelEvent, ModelFailure, ModelRequest, SurfaceModelEvent } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ErrorShape, FinalStatus, Usage } from '../../protocol/index.ts';
import { textOf } from '../conversations/message-record.ts';
import type { UserService } from '../messaging/user-service.ts';
import type { Uploads } from '../ports/uploads.ts';
import { eventLength } from './event-length.ts';
import type { GenerationLog } from './generation-log.ts';
import type { GenerationWatch } from './generation-observer.ts';
import { SeamTrimmer } from './seam-trimmer.ts';

/** Why a run was ended from outside. */
export type EndReason = 'stop' | 'drain' | 'store' | 'claimed' | 'deleted';

/** How an answer ended and what it brought besides its events. */
export interface AnswerOutcome {
  readonly status: FinalStatus;
  readonly finishReason?: string;
  readonly error?: ErrorShape;
  readonly usage?: Usage;
  readonly raw: readonly unknown[];
  readonly modelVersion?: string;
  /** A quota that the service named, for the limiter to learn from. */
  readonly quota?: { readonly window: 'minute' | 'day'; readonly limit?: number; readonly retryAfter?: number };
}

export interface AnswerRunOptions {
  readonly log: GenerationLog;
  readonly ownerId: string;
  readonly model: ChosenModel;
  readonly request: ModelRequest;
  readonly users: UserService;
  readonly uploads: Uploads;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly watch: GenerationWatch;
  /** It goes on with the text that the log holds. */
  readonly continued: boolean;
  /** Shows what a plugin's model shows. @returns its size in characters of JSON. @throws AppError */
  readonly show?: ((event: SurfaceModelEvent) => Promise<number>) | undefined;
}

/** What is longer could not be stored: a document holds at most 4 Mi characters of JSON, and the provider's parts go with it. */
const MAX_ANSWER_CHARACTERS = 2 * 1024 * 1024;
/** The provider's own parts are kept up to this many characters of JSON. */
const MAX_RAW_CHARACTERS = 1024 * 1024;

/** Runs one model request and puts what it says into the log. Never throws: the outcome tells how it ended. */
export class AnswerRun {
  readonly #options: AnswerRunOptions;
  readonly #raw: unknown[] = [];
  /** Joins the answer to the text that it goes on from; null for a new one. */
  readonly #seam: SeamTrimmer | null;
  #rawCharacters = 0;
  #characters = 0;
  #text = false;
  #thinking = false;
  #steps = 0;
  #usage: Usage | undefined;
  #modelVersion: string | undefined;
  #fault: AppError | null = null;
  #last: ModelEvent | null = null;
  /** What is still done with the newest event; the model waits for it. */
  #taking: Promise<void> | null = null;

  constructor(options: AnswerRunOptions) {
    this.#options = options;
    const parts = options.log.parts();
    const before = options.continued ? textOf(parts) : '';
    this.#seam = before === '' ? null : new SeamTrimmer(before);
    // Steps of plugins that were asked before are no answer yet.
    this.#text = parts.some(({ type }) => options.continued || type !== 'step');
    // What it goes on from is stored with it.
    this.#characters = parts.length > 0 ? JSON.stringify(parts).length : 0;
  }

  async run(): Promise<AnswerOutcome> {
    const { signal, log, users, model, request } = this.#options;
    users.sendThinkingProcess(log.ids, 'waiting');
    // Ends with the run: a model that is left early must not keep its upstream call, which may be silent for minutes.
    const left = new AbortController();
    let cut = () => {};
    const ended = new Promise<void>((resolve) => {
      cut = () => {
        left.abort(signal.reason);
        resolve();
      };
    });
    if (signal.aborted) cut();
    else signal.addEventListener('abort', cut, { once: true });
    // An end from outside does not wait for the model: a drain has no time for an upstream call that does not notice.
    await Promise.race([this.#takeAll(model.provider.process(request, { signal: left.signal })), ended]);
    // A picture that is just being stored is in the answer, or fails: `#takeAll` knows.
    await this.#taking?.catch(() => {});
    log.appendText('text', this.#seam?.flush() ?? '');
    signal.removeEventListener('abort', cut);
    left.abort();
    return signal.aborted ? this.#ended(reasonOf(signal)) : this.#finished(this.#last);
  }

  /** Takes each event as it comes; the model goes on when it is taken. Never rejects. */
  async #takeAll(events: AsyncIterable<ModelEvent>): Promise<void> {
    const { signal } = this.#options;
    try {
      for await (const event of events) {
        if (signal.aborted) return;
        this.#characters += eventLength(event);
        if (this.#characters > MAX_ANSWER_CHARACTERS) return;
        if (event.type === 'text') this.#takeText(event.text);
        else {
          this.#taking = this.#take(event);
          await this.#taking;
        }
        this.#last = event;
      }
    } catch (error) {
      this.#fault = this.#faultOf(error);
      this.#last = null;
    }
  }

  /** What a plugin did wrong is shown; of anything else that goes wrong here nobody could make sense. */
  #faultOf(error: unknown): AppError {
    const known = AppError.from(error);
    if (known.code === 'PLUGIN_FAILED' || known.code === 'TOO_LARGE') return known;
    const { log, logger } = this.#options;
    logger.error({ generationId: log.ids.generationId, error }, 'the answer could not be taken from the model');
    if (known.code === 'OVERLOADED' || known.code === 'STORE_UNAVAILABLE') return known;
    // The person sent no picture: one that is none came from the model, like words that are none.
    if (known.code === 'IMAGE_UNREADABLE' || known.code === 'UNSUPPORTED_MEDIA') return unreadable();
    return new AppError('INTERNAL');
  }

  #takeText(text: string): void {
    const { log, watch } = this.#options;
    this.#text = true;
    watch.piece(text.length);
    log.appendText('text', this.#seam === null ? text : this.#seam.push(text));
  }

  async #take(event: Exclude<ModelEvent, { type: 'text' }>): Promise<void> {
    const { log, users, watch } = this.#options;
    if (breaksText(event)) log.appendText('text', this.#seam?.flush() ?? '');
    switch (event.type) {
      case 'thought':
        watch.piece(event.text.length);
        if (!this.#thinking) users.sendThinkingProcess(log.ids, 'thinking');
        this.#thinking = true;
        // In the middle of an answer they would cut its text in two, in a list or a block of code even visibly.
        if (this.#seam === null) log.appendText('thought', event.text);
        return;
      case 'media':
        watch.piece(0);
        if (event.thought !== true) await this.#takePicture(event);
        return;
      case 'source':
        log.appendPart({ type: 'source', url: event.url, ...(event.title === undefined ? {} : { title: event.title }) });
        return;
      case 'code':
        this.#takeCode(event);
        return;
      case 'code-result':
        this.#takeResult(event);
        return;
      case 'retrying':
        watch.retrying();
        users.sendThinkingProcess(log.ids, 'retrying', Math.ceil(event.delayMs / 1000));
        return;
      case 'raw':
        this.#keepRaw(event.part);
        return;
      case 'version':
        this.#modelVersion = event.modelVersion;
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'finish':
      case 'failure':
        return;
      case 'step':
      case 'element':
      case 'actions':
      case 'ask':
      case 'tasks':
      case 'remove':
      case 'toast':
        return this.#show(event);
      default: {
        const unknown: never = event;
        throw new AppError('INTERNAL', { cause: unknown });
      }
    }
  }

  #takeCode({ language, code }: Extract<ModelEvent, { type: 'code' }>): void {
    this.#steps += 1;
    this.#options.log.appendPart({ type: 'step', stepId: this.#stepId(), name: 'code', status: 'running', language, input: code });
  }

  async #show(event: SurfaceModelEvent): Promise<void> {
    this.#options.watch.piece(0);
    this.#characters += (await this.#options.show?.(event)) ?? 0;
    if (event.type !== 'step' && event.type !== 'toast' && event.type !== 'remove') this.#text = true;
  }

  /** A picture goes the way of an upload before anyone sees it. */
  async #takePicture(event: Extract<ModelEvent, { type: 'media' }>): Promise<void> {
    const { log, uploads, ownerId } = this.#options;
    const file = await uploads.storeGenerated(ownerId, { mime: event.mime, data: event.data });
    await uploads.refer(ownerId, [file.id], log.ids.conversationId);
    this.#text = true;
    const size = file.width === undefined || file.height === undefined ? {} : { width: file.width, height: file.height };
    log.appendPart({ type: 'image', fileId: file.id, url: file.url, mime: file.mime, ...size });
  }

  #takeResult(event: Extract<ModelEvent, { type: 'code-result' }>): void {
    const { log } = this.#options;
    const status = event.outcome === 'OUTCOME_OK' ? 'succeeded' : 'failed';
    const step = log.parts().find((part) => part.type === 'step' && part.stepId === this.#stepId());
    const base = step !== undefined && step.type === 'step' ? step : { type: 'step' as const, stepId: this.#stepId(), name: 'code' };
    log.appendPart({ ...base, status, output: event.output });
  }

  #stepId(): string {
    return `${this.#options.log.ids.generationId}-${this.#steps}`;
  }

  #keepRaw(part: unknown): void {
    this.#rawCharacters += JSON.stringify(part)?.length ?? 0;
    // Half of an answer's own parts would be worse than none: the text is replayed instead.
    if (this.#rawCharacters > MAX_RAW_CHARACTERS) this.#raw.length = 0;
    else this.#raw.push(part);
  }

  #common(): Pick<AnswerOutcome, 'raw' | 'usage' | 'modelVersion'> {
    const version = this.#modelVersion === undefined ? {} : { modelVersion: this.#modelVersion };
    return {
      raw: this.#rawCharacters > MAX_RAW_CHARACTERS ? [] : this.#raw,
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...version,
    };
  }

  #ended(reason: EndReason): AnswerOutcome {
    if (reason === 'stop' || reason === 'deleted') return { status: 'stopped', ...this.#common() };
    const error = new AppError(reason === 'drain' ? 'DRAINING' : 'STORE_UNAVAILABLE').toShape();
    return { status: 'interrupted', error, ...this.#common() };
  }

  #finished(last: ModelEvent | null): AnswerOutcome {
    const cut: FinalStatus = this.#text ? 'interrupted' : 'failed';
    if (this.#characters > MAX_ANSWER_CHARACTERS) {
      const error = new AppError('TOO_LARGE', { message: 'The answer is longer than this server keeps. It was ended here.' });
      return { status: cut, error: error.toShape(), ...this.#common() };
    }
    if (last?.type === 'finish') return this.#finishedBy(last, cut);
    if (last?.type === 'failure') return this.#failedBy(last.failure, cut);
    return { status: cut, error: (this.#fault ?? new AppError('INTERNAL')).toShape(), ...this.#common() };
  }

  #finishedBy({ outcome, reason, detail }: Extract<ModelEvent, { type: 'finish' }>, cut: FinalStatus): AnswerOutcome {
    if (outcome !== 'refused') return { status: 'complete', finishReason: reason, ...this.#common() };
    const error = new AppError('MODEL_REFUSED', { params: { reason }, ...(detail === undefined ? {} : { message: detail }) });
    return { status: cut, finishReason: reason, error: error.toShape(), ...this.#common() };
  }

  #failedBy({ code, message, retryAfter, quota, class: faultClass }: ModelFailure, cut: FinalStatus): AnswerOutcome {
    const wait = retryAfter === undefined ? {} : { retryAfter };
    const error = new AppError(code, { message, params: { class: faultClass }, ...wait }).toShape();
    return { status: cut, error, ...(quota === undefined ? {} : { quota: { ...quota, ...wait } }), ...this.#common() };
  }
}

/** What stands between texts: the one before it is whole. */
function breaksText({ type }: ModelEvent): boolean {
  return !['text', 'thought', 'retrying', 'raw', 'version', 'usage', 'finish', 'failure', 'toast'].includes(type);
}

function unreadable(): AppError {
  const message = 'The model service sent something that could not be read.';
  return new AppError('MODEL_UNAVAILABLE', { message, params: { class: 'bad_chunk' } });
}

function reasonOf(signal: AbortSignal): EndReason {
  const reason: unknown = signal.reason;
  return reason === 'drain' || reason === 'store' || reason === 'claimed' || reason === 'deleted' ? reason : 'stop';
}
