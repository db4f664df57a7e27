import { type ReadonlySignal, signal } from '@preact/signals';
import type { Prompt } from '../../../src/protocol/library-shapes.ts';
import type { Page } from '../../../src/protocol/rest.ts';
import type { ListPhase } from './conversation-view.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export type PromptWords = Pick<Prompt, 'title' | 'text'>;

/** Texts that a person keeps to use again, by title. */
export interface Prompts {
  readonly items: ReadonlySignal<readonly Prompt[]>;
  readonly phase: ReadonlySignal<ListPhase>;
  readonly error: ReadonlySignal<RequestError | null>;
  /** All of them: there are at most 500. */
  load(): Promise<void>;
  /** @throws RequestError */
  create(words: PromptWords): Promise<Prompt>;
  /** Shown at once, taken back when the server refuses. @throws RequestError */
  change(prompt: Prompt, words: PromptWords): Promise<void>;
  /** @throws RequestError */
  remove(prompt: Prompt): Promise<void>;
  stop(): void;
}

export function createPrompts({ rest }: { readonly rest: Rest }): Prompts {
  const items = signal<readonly Prompt[]>([]);
  const phase = signal<ListPhase>('idle');
  const error = signal<RequestError | null>(null);
  let turn = 0;

  const show = (prompts: readonly Prompt[]) => {
    items.value = [...prompts].sort((one, other) => one.title.localeCompare(other.title));
  };

  async function readAll(): Promise<readonly Prompt[]> {
    const all: Prompt[] = [];
    let cursor: string | null = null;
    do {
      const search: URLSearchParams = new URLSearchParams({ limit: '100', ...(cursor === null ? {} : { cursor }) });
      const page: Page<Prompt> = await rest.get<Page<Prompt>>(`/api/prompts?${search.toString()}`);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  }

  /** Shows a change of one before the server has it. */
  async function optimistic(
    edit: (list: readonly Prompt[]) => readonly Prompt[],
    back: Prompt,
    ask: () => Promise<unknown>,
  ): Promise<void> {
    turn += 1;
    show(edit(items.peek()));
    try {
      await ask();
    } catch (cause) {
      show([...items.peek().filter(({ id }) => id !== back.id), back]);
      throw cause;
    }
  }

  return {
    items,
    phase,
    error,
    async load() {
      const own = ++turn;
      phase.value = 'loading';
      error.value = null;
      try {
        const all = await readAll();
        if (own === turn) show(all);
        phase.value = 'ready';
      } catch (cause) {
        if (own !== turn) return;
        error.value = toRequestError(cause);
        phase.value = 'error';
      }
    },
    async create(words) {
      const { prompt } = await rest.post<{ prompt: Prompt }>('/api/prompts', words);
      show([...items.peek().filter(({ id }) => id !== prompt.id), prompt]);
      return prompt;
    },
    change: (prompt, words) =>
      optimistic(
        (list) => list.map((one) => (one.id === prompt.id ? { ...one, ...words } : one)),
        prompt,
        () => rest.patch(`/api/prompts/${prompt.id}`, words),
      ),
    remove: (prompt) =>
      optimistic(
        (list) => list.filter(({ id }) => id !== prompt.id),
        prompt,
        () => rest.remove(`/api/prompts/${prompt.id}`),
      ),
    stop() {
      turn += 1;
    },
  };
}

/** `{name}`: letters, digits, spaces, `_` and `-`, beginning with a letter. Doubled braces stand for themselves. */
const variable = /\{\{|\}\}|\{(\p{L}[\p{L}\p{M}\p{N}_ \u200C-]{0,39})\}/gu;

/** The names that a prompt asks for, each once, in their order. */
export function variablesOf(text: string): readonly string[] {
  const names = [...text.matchAll(variable)].flatMap(([, name]) => (name === undefined ? [] : [name.trim()]));
  return [...new Set(names)];
}

/** The text with its variables filled in; one without a value is left empty. */
export function fillPrompt(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(variable, (whole, name: string | undefined) =>
    name === undefined ? whole.slice(1) : (values.get(name.trim()) ?? ''),
  );
}
