import type { FinishOutcome, ModelEvent } from '../../core/base/model-events.ts';
import type { Usage } from '../../protocol/index.ts';
import { asArray, asCount, asObject, asString, type Json } from '../shared/json-fields.ts';

/** How the protocol says that an answer ended. What is not named here ends it well. */
const outcomes: ReadonlyMap<string, FinishOutcome> = new Map([
  ['stop', 'complete'],
  ['length', 'limited'],
  ['content_filter', 'refused'],
]);

const openTag = '<think>';
const closeTag = '</think>';

/**
 * Turns the chunks of one answer into events. Thoughts come as `reasoning_content` or `reasoning` (vLLM, llama.cpp,
 * Ollama), or between `<think>` and `</think>` at the very beginning of the text.
 */
export class OpenAiAnswerReader {
  started = false;
  #reason: string | undefined;
  #usage: Usage | undefined;
  #model: string | undefined;
  /** `unknown`: nothing but the beginning of a tag, or white space, has come so far. `gap`: the white space after a thought. */
  #mode: 'unknown' | 'thought' | 'gap' | 'text' = 'unknown';
  #held = '';

  read(chunk: unknown): ModelEvent[] {
    const fields = asObject(chunk) ?? {};
    this.#usage = usageFrom(asObject(fields['usage']) ?? {}) ?? this.#usage;
    const choice = asObject(asArray(fields['choices'])[0]) ?? {};
    this.#reason = asString(choice['finish_reason']) ?? this.#reason;
    const delta = asObject(choice['delta']) ?? asObject(choice['message']) ?? {};
    const events = [...this.#thought(delta), ...this.#split(asString(delta['content']) ?? '')];
    this.started ||= events.length > 0;
    return [...this.#version(asString(fields['model']) ?? ''), ...events];
  }

  /** What was held back, the usage, and how it ended; null when the service did not say that it did. */
  end(): ModelEvent[] | null {
    if (this.#reason === undefined) return null;
    const outcome = outcomes.get(this.#reason) ?? 'complete';
    return [...this.rest(), { type: 'finish', reason: this.#reason.slice(0, 100), outcome }];
  }

  /** What was held back, and the usage as far as it is known. */
  rest(): ModelEvent[] {
    const held = this.#held;
    this.#held = '';
    const events: ModelEvent[] = held === '' ? [] : [{ type: this.#mode === 'thought' ? 'thought' : 'text', text: held }];
    if (this.#usage !== undefined) events.push({ type: 'usage', usage: this.#usage });
    return events;
  }

  #version(model: string): ModelEvent[] {
    if (model === '' || this.#model !== undefined) return [];
    this.#model = model;
    return [{ type: 'version', modelVersion: model.slice(0, 200) }];
  }

  #thought(delta: Json): ModelEvent[] {
    const text = asString(delta['reasoning_content']) ?? asString(delta['reasoning']) ?? '';
    return text === '' ? [] : [{ type: 'thought', text }];
  }

  #split(content: string): ModelEvent[] {
    if (content === '') return [];
    if (this.#mode === 'text') return [{ type: 'text', text: content }];
    if (this.#mode === 'gap') return this.#answer(content);
    this.#held += content;
    return this.#mode === 'unknown' ? this.#begin() : this.#think();
  }

  #begin(): ModelEvent[] {
    const text = this.#held.trimStart();
    if (openTag.startsWith(text)) return [];
    if (text.startsWith(openTag)) {
      this.#mode = 'thought';
      this.#held = text.slice(openTag.length).trimStart();
      return this.#think();
    }
    this.#mode = 'text';
    const whole = this.#held;
    this.#held = '';
    return [{ type: 'text', text: whole }];
  }

  #think(): ModelEvent[] {
    const end = this.#held.indexOf(closeTag);
    if (end < 0) {
      const kept = partialTag(this.#held);
      const thought = this.#held.slice(0, this.#held.length - kept);
      this.#held = this.#held.slice(this.#held.length - kept);
      return thought === '' ? [] : [{ type: 'thought', text: thought }];
    }
    const thought = this.#held.slice(0, end).trimEnd();
    const rest = this.#held.slice(end + closeTag.length);
    this.#mode = 'gap';
    this.#held = '';
    return [...(thought === '' ? [] : [{ type: 'thought', text: thought } as const]), ...this.#answer(rest)];
  }

  #answer(content: string): ModelEvent[] {
    const text = content.trimStart();
    if (text === '') return [];
    this.#mode = 'text';
    return [{ type: 'text', text }];
  }
}

/** How many characters at the end of the text may be the beginning of the closing tag. */
function partialTag(text: string): number {
  for (let length = Math.min(closeTag.length - 1, text.length); length > 0; length -= 1) {
    if (closeTag.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}

function usageFrom(fields: Json): Usage | undefined {
  const inputTokens = asCount(fields['prompt_tokens']);
  const completion = asCount(fields['completion_tokens']);
  if (inputTokens === undefined || completion === undefined) return undefined;
  const thoughtTokens = Math.min(countIn(fields['completion_tokens_details'], 'reasoning_tokens') ?? 0, completion);
  const cachedTokens = countIn(fields['prompt_tokens_details'], 'cached_tokens');
  return {
    inputTokens,
    outputTokens: completion - thoughtTokens,
    thoughtTokens,
    totalTokens: asCount(fields['total_tokens']) ?? inputTokens + completion,
    ...(cachedTokens === undefined ? {} : { cachedTokens: Math.min(cachedTokens, inputTokens) }),
  };
}

function countIn(details: unknown, name: string): number | undefined {
  return asCount(asObject(details)?.[name]);
}
