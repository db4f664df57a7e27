import { type FakeGemini, type FakePlan, type FakeStep, type RecordedRequest, startFakeGemini } from '../../support/fake-gemini.ts';
import { scenarios } from '../../support/fake-gemini-scenarios.ts';

export interface FakeModel {
  /** Variables that make a server talk to this model. */
  readonly env: Readonly<Record<string, string>>;
  /** What is answered to a message that begins with `prompt`. */
  answer(prompt: string, plan: FakePlan | readonly FakeStep[]): void;
  /** Requests whose newest known message begins with `prompt`, oldest first. */
  of(prompt: string): RecordedRequest[];
  /** Resolves with the n-th request (from 0) for `prompt`. */
  arrived(prompt: string, call?: number): Promise<RecordedRequest>;
  close(): Promise<void>;
}

const scenario = 'by-prompt';

/** The fake Gemini, with its answers chosen by what was asked: one server serves all tests of a file. */
export async function startFakeModel(): Promise<FakeModel> {
  const fake: FakeGemini = await startFakeGemini();
  const plans = new Map<string, FakePlan>();
  const promptOf = (request: RecordedRequest): string | undefined => {
    for (const text of textsOf(request.body).reverse()) {
      for (const prompt of plans.keys()) if (text.startsWith(prompt)) return prompt;
    }
    return undefined;
  };
  const of = (prompt: string): RecordedRequest[] => fake.of(scenario).filter((request) => promptOf(request) === prompt);
  fake.script(scenario, (call, request) => {
    const prompt = promptOf(request);
    const plan = prompt === undefined ? scenarios['ok'] : plans.get(prompt);
    return plan?.(prompt === undefined ? call : of(prompt).length - 1, request) ?? [];
  });
  return {
    env: { GEMINI_API_KEY: 'e2e-key-that-is-not-real', GEMINI_BASE_URL: fake.url(scenario) },
    answer: (prompt, plan) => void plans.set(prompt, typeof plan === 'function' ? plan : () => plan),
    of,
    async arrived(prompt, call = 0) {
      for (let seen = 0; ; seen += 1) {
        await fake.arrived(scenario, seen);
        const found = of(prompt)[call];
        if (found !== undefined) return found;
      }
    },
    close: () => fake.close(),
  };
}

function textsOf(body: unknown): string[] {
  // The shape that the Gemini API is asked with; a request of another kind has no contents.
  const { contents = [] } = (body ?? {}) as { contents?: { role?: string; parts?: { text?: string }[] }[] };
  return contents.filter(({ role }) => role === 'user').map(({ parts = [] }) => parts.map(({ text = '' }) => text).join(''));
}
