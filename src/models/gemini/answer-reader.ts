import type { ModelEvent } from '../../core/base/model-events.ts';
import type { Usage } from '../../protocol/index.ts';
import { asArray, asCount, asObject, asString, type Json } from '../shared/json-fields.ts';

/** Reads the chunks of one answer (over all its hops) into events, and keeps what the end of the answer needs. */
export interface AnswerReader {
  /** @param chunk whatever the service sent; nothing in it can make this throw */
  read(chunk: Json): readonly ModelEvent[];
  /** Another request for the same answer follows: what ended the last one no longer holds. */
  nextHop(): void;
  readonly finishReason: string | undefined;
  readonly blockReason: string | undefined;
  readonly continuationToken: string | undefined;
  /** Anything to see was yielded (text, thought, picture, code): from here on no retry may happen. */
  readonly started: boolean;
  /** Text or a picture of the answer itself was yielded. */
  readonly answered: boolean;
  /** Characters of text and thoughts so far, and bytes of pictures. */
  readonly size: { readonly text: number; readonly media: number };
  /** The model's parts for the next turn, known at the end of the answer; none where the text alone says it all. */
  rawParts(): readonly Json[];
  usage(): Usage | undefined;
}

interface State {
  finishReason: string | undefined;
  blockReason: string | undefined;
  continuationToken: string | undefined;
  started: boolean;
  answered: boolean;
  modelVersion: string | undefined;
  /** The newest counts as they came: only the last ones are read. */
  counts: Json | undefined;
  earlierUsage: Usage | undefined;
  readonly size: { text: number; media: number };
  readonly raw: Json[];
  readonly plain: PlainText;
  readonly sources: Set<string>;
}

export function createAnswerReader(): AnswerReader {
  const state: State = {
    finishReason: undefined,
    blockReason: undefined,
    continuationToken: undefined,
    started: false,
    answered: false,
    modelVersion: undefined,
    counts: undefined,
    earlierUsage: undefined,
    size: { text: 0, media: 0 },
    raw: [],
    plain: new PlainText(),
    sources: new Set(),
  };
  return {
    read: (chunk) => readChunk(state, chunk),
    nextHop() {
      state.finishReason = undefined;
      state.blockReason = undefined;
      state.continuationToken = undefined;
      state.earlierUsage = sum(state.earlierUsage, readUsage(state.counts));
      state.counts = undefined;
    },
    get finishReason() {
      return state.finishReason;
    },
    get blockReason() {
      return state.blockReason;
    },
    get continuationToken() {
      return state.continuationToken;
    },
    get started() {
      return state.started;
    },
    get answered() {
      return state.answered;
    },
    size: state.size,
    rawParts() {
      if (state.raw.length === 0) return [];
      flushPlain(state);
      return state.raw;
    },
    usage: () => sum(state.earlierUsage, readUsage(state.counts)),
  };
}

function readChunk(state: State, chunk: Json): ModelEvent[] {
  const events: ModelEvent[] = [];
  const version = asString(chunk['modelVersion']);
  if (version !== undefined && version !== state.modelVersion) {
    state.modelVersion = version;
    events.push({ type: 'version', modelVersion: version });
  }
  state.blockReason = asString(asObject(chunk['promptFeedback'])?.['blockReason']) ?? state.blockReason;
  // The service repeats its counts with each chunk, growing: the last ones hold.
  state.counts = asObject(chunk['usageMetadata']) ?? state.counts;
  const candidate = firstCandidate(asArray(chunk['candidates']));
  if (candidate === undefined) return events;
  for (const part of asArray(asObject(candidate['content'])?.['parts'])) readPart(state, asObject(part), events);
  if (candidate['groundingMetadata'] !== undefined) readSources(state, candidate, events);
  state.finishReason = asString(candidate['finishReason']) ?? state.finishReason;
  state.continuationToken = asString(candidate['continuationToken']) ?? state.continuationToken;
  return events;
}

function firstCandidate(candidates: readonly unknown[]): Json | undefined {
  for (const one of candidates) {
    const candidate = asObject(one);
    if ((asCount(candidate?.['index']) ?? 0) === 0) return candidate;
  }
  return undefined;
}

function readPart(state: State, part: Json | undefined, events: ModelEvent[]): void {
  if (part === undefined) return;
  keepRaw(state, part);
  const thought = part['thought'] === true;
  const text = asString(part['text']);
  if (text !== undefined && text !== '') {
    state.size.text += text.length;
    state.started = true;
    events.push({ type: thought ? 'thought' : 'text', text });
    state.answered ||= !thought;
  }
  const media = readMedia(part, thought);
  if (media !== undefined) {
    state.size.media += media.data.byteLength;
    state.started = true;
    events.push(media);
    state.answered ||= !thought;
  }
  readCode(state, part, events);
}

function readCode(state: State, part: Json, events: ModelEvent[]): void {
  const code = asObject(part['executableCode']);
  if (code !== undefined) {
    state.started = true;
    events.push({ type: 'code', language: (asString(code['language']) ?? '').toLowerCase(), code: asString(code['code']) ?? '' });
  }
  const result = asObject(part['codeExecutionResult']);
  if (result !== undefined) {
    state.started = true;
    events.push({ type: 'code-result', outcome: asString(result['outcome']) ?? '', output: asString(result['output']) ?? '' });
  }
}

function readMedia(part: Json, thought: boolean): Extract<ModelEvent, { type: 'media' }> | undefined {
  const inline = asObject(part['inlineData']);
  const base64 = asString(inline?.['data']);
  if (base64 === undefined || base64 === '') return undefined;
  const mime = asString(inline?.['mimeType']) ?? 'application/octet-stream';
  return { type: 'media', mime, data: Buffer.from(base64, 'base64'), ...(thought ? { thought } : {}) };
}

/**
 * What the next turn has to give back: every part with a signature as it came, the text between them joined. Thoughts without
 * a signature are not asked for. A picture leaves an empty place (the stored file goes there), so that bytes are kept once.
 */
function keepRaw(state: State, part: Json): void {
  const signed = asString(part['thoughtSignature']) !== undefined;
  const inline = asObject(part['inlineData']);
  if (part['thought'] === true && (!signed || inline !== undefined)) return;
  const text = asString(part['text']);
  if (text !== undefined && !signed) {
    state.plain.add(text);
    return;
  }
  if (Object.keys(part).length === 0) return;
  flushPlain(state);
  state.raw.push(inline === undefined ? part : { ...part, inlineData: { mimeType: asString(inline['mimeType']) ?? '', data: '' } });
}

function flushPlain(state: State): void {
  const text = state.plain.take();
  if (text !== '') state.raw.push({ text });
}

const PIECES = 64;

/** Text that grows by small pieces, kept as few long ones: a string of its own for each piece would weigh more than what it says. */
class PlainText {
  #blocks: string[] = [];
  #pieces: string[] = [];

  add(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    if (this.#pieces.length < PIECES) return;
    this.#blocks.push(this.#pieces.join(''));
    this.#pieces = [];
  }

  /** @returns all of it; then it is empty */
  take(): string {
    const text = [...this.#blocks, ...this.#pieces].join('');
    this.#blocks = [];
    this.#pieces = [];
    return text;
  }
}

function readSources(state: State, candidate: Json, events: ModelEvent[]): void {
  for (const chunk of asArray(asObject(candidate['groundingMetadata'])?.['groundingChunks'])) {
    const web = asObject(asObject(chunk)?.['web']);
    const url = asString(web?.['uri']);
    if (url === undefined || !/^https?:\/\//i.test(url) || state.sources.has(url)) continue;
    state.sources.add(url);
    const title = asString(web?.['title']);
    events.push({ type: 'source', url, ...(title === undefined ? {} : { title }) });
  }
}

function readUsage(counts: Json | undefined): Usage | undefined {
  if (counts === undefined) return undefined;
  const inputTokens = (asCount(counts['promptTokenCount']) ?? 0) + (asCount(counts['toolUsePromptTokenCount']) ?? 0);
  const outputTokens = asCount(counts['candidatesTokenCount']) ?? 0;
  const thoughtTokens = asCount(counts['thoughtsTokenCount']) ?? 0;
  const cachedTokens = asCount(counts['cachedContentTokenCount']) ?? 0;
  const imageTokens = pictureTokens(counts['candidatesTokensDetails']);
  return {
    inputTokens,
    outputTokens,
    thoughtTokens,
    totalTokens: asCount(counts['totalTokenCount']) ?? inputTokens + outputTokens + thoughtTokens,
    ...(cachedTokens === 0 ? {} : { cachedTokens }),
    ...(imageTokens === 0 ? {} : { imageTokens }),
  };
}

function pictureTokens(details: unknown): number {
  const pictures = asArray(details).filter((detail) => asString(asObject(detail)?.['modality']) === 'IMAGE');
  return pictures.reduce<number>((total, detail) => total + (asCount(asObject(detail)?.['tokenCount']) ?? 0), 0);
}

/** Each hop of a long answer is billed for itself, so hops are added. */
function sum(a: Usage | undefined, b: Usage | undefined): Usage | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    thoughtTokens: a.thoughtTokens + b.thoughtTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    ...both('cachedTokens', a, b),
    ...both('imageTokens', a, b),
  };
}

function both(name: 'cachedTokens' | 'imageTokens', a: Usage, b: Usage): Pick<Usage, typeof name> {
  const total = (a[name] ?? 0) + (b[name] ?? 0);
  return total === 0 ? {} : { [name]: total };
}
