import { BaseChatModel } from '../../core/base/base-chat-model.ts';
import type { ModelEvent } from '../../core/base/model-events.ts';
import type { ModelInfo, ModelInterface, ModelRequest, ModelStreamOptions, ModelTurn } from '../../core/base/model-interface.ts';
import type { Clock } from '../../lib/clock.ts';
import { type DemoTexts, demoTexts } from './demo-texts.ts';
import { detectLanguage } from './detect-language.ts';

export interface DemoModelOptions {
  readonly clock: Clock;
  /** How fast it types. Default 40; 0: as fast as it is read. */
  readonly tokensPerSecond?: number;
}

/** The one model id that the demo serves. */
export const demoModelId = 'demo';

const LONG_WORDS = 1500;
const QUOTE_CHARS = 80;

/** The model of a server without a key: says that it is a demo, streams like a real model, and names the variable to set. */
export function createDemoModel(options: DemoModelOptions): ModelInterface {
  return new DemoModel(options);
}

class DemoModel extends BaseChatModel<DemoModelOptions> {
  constructor(options: DemoModelOptions) {
    super('demo', '1', options);
  }

  async list(): Promise<readonly ModelInfo[]> {
    const warning = 'Not a real model. Set GEMINI_API_KEY and start the server again to get real answers.';
    return [{ id: demoModelId, label: 'Demo', provider: 'demo', thinking: true, images: true, warning }];
  }

  protected async *generate(request: ModelRequest, { signal }: ModelStreamOptions): AsyncGenerator<ModelEvent> {
    const { turn, begun } = asked(request.turns);
    const text = turn?.text ?? '';
    const texts = demoTexts[detectLanguage(text)];
    const thought = request.thinking && begun === '' ? texts.thought : '';
    const answer = remainder(compose(texts, text, turn?.images ?? []), begun);
    yield { type: 'version', modelVersion: demoModelId };
    for (const token of tokens(thought)) {
      yield { type: 'thought', text: token };
      if (!(await this.#pause(signal))) return;
    }
    for (const token of tokens(answer)) {
      yield { type: 'text', text: token };
      if (!(await this.#pause(signal))) return;
    }
    yield { type: 'usage', usage: estimate(request.turns, answer, thought) };
    yield { type: 'finish', reason: 'STOP', outcome: 'complete' };
  }

  /** @returns false when the reader went away */
  async #pause(signal: AbortSignal): Promise<boolean> {
    const speed = this.config.tokensPerSecond ?? 40;
    if (speed > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          cancel();
          signal.removeEventListener('abort', end);
          resolve();
        };
        const cancel = this.config.clock.after(1000 / speed, end);
        signal.addEventListener('abort', end, { once: true });
      });
    }
    return !signal.aborted;
  }
}

/** The message to answer; `begun`: what was said already, where an answer is to be continued. */
function asked(turns: readonly ModelTurn[]): { readonly turn: ModelTurn | undefined; readonly begun: string } {
  const [question, begun] = turns.slice(-3);
  const instruction = turns.at(-1);
  const continues = begun?.role === 'assistant' && instruction?.text.startsWith('Continue your previous answer') === true;
  return continues ? { turn: question, begun: begun.text } : { turn: instruction, begun: '' };
}

/** What is left to say. A text that is not the beginning of the answer is followed by its last paragraph. */
function remainder(answer: string, begun: string): string {
  if (answer.startsWith(begun)) return answer.slice(begun.length);
  return `\n\n${answer.trimEnd().split('\n\n').at(-1) ?? ''}\n`;
}

function compose(texts: DemoTexts, text: string, images: ModelTurn['images']): string {
  const parts = [texts.intro];
  const quote = shorten(text);
  if (quote !== '') parts.push(texts.quote.replace('{quote}', () => quote));
  const mime = images[0]?.mime;
  if (mime !== undefined)
    parts.push((images.length === 1 ? texts.picture : texts.pictures).replace('{mime}', mime).replace('{count}', String(images.length)));
  if (/\blong\b|طولانی|طولاني|طويل/i.test(text)) parts.push(longText(texts));
  else if (/\bcode\b|(?<!\p{L})(?:کد|كود)(?!\p{L})|شيفرة|برمج/iu.test(text)) parts.push(texts.code);
  else parts.push(texts.tour);
  parts.push(texts.outro);
  return parts.join('');
}

/** The person's words on one line, without what Markdown would read as a mark. */
function shorten(text: string): string {
  const line = text.replace(/[\s`*_#|<>[\]\\~]+/gu, ' ').trim();
  const letters = Array.from(new Intl.Segmenter().segment(line.slice(0, QUOTE_CHARS * 12)), (part) => part.segment);
  return letters.length > QUOTE_CHARS ? `${letters.slice(0, QUOTE_CHARS).join('').trimEnd()}…` : line;
}

function longText(texts: DemoTexts): string {
  const parts = [texts.longTitle];
  let words = 0;
  for (let number = 1; words < LONG_WORDS; number += 1) {
    const [title, text] = texts.longSections[(number - 1) % texts.longSections.length] ?? ['', ''];
    parts.push(`#### ${number}. ${title}\n\n${text}\n\n`);
    words += text.split(/\s+/).length + 1;
  }
  return parts.join('');
}

/** Words with the white space before them: joined they are the text again. */
function tokens(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

/** About four characters are a token. */
function estimate(turns: readonly ModelTurn[], answer: string, thought: string) {
  const tokensOf = (chars: number): number => Math.ceil(chars / 4);
  const inputTokens = tokensOf(turns.reduce((sum, turn) => sum + turn.text.length, 0));
  const outputTokens = tokensOf(answer.length);
  const thoughtTokens = tokensOf(thought.length);
  return { inputTokens, outputTokens, thoughtTokens, totalTokens: inputTokens + outputTokens + thoughtTokens, estimated: true };
}
