import { type FakeGemini, type FakeStep, type RecordedRequest, startFakeGemini } from '../support/fake-gemini.ts';

/** What the fake model does for one question; `call` is different for every request that any model ever gets. */
export type Script = (call: number) => Iterable<FakeStep>;

const SCENARIO = 'oracle';

/** The fake Gemini of a world. It remembers what it said: the truth that every stored and every shown text is held against. */
export class Oracle {
  readonly gemini: FakeGemini;
  readonly #scripts = new Map<string, Script>();
  #default: Script;

  private constructor(gemini: FakeGemini) {
    this.gemini = gemini;
    this.#default = (call) => [...said(call, 20), { finish: 'STOP' }];
    gemini.script(SCENARIO, (call, request) => {
      if (request.method !== 'POST') return [{ status: 404, body: {} }];
      return (this.#scripts.get(questionOf(request)) ?? this.#default)(call);
    });
  }

  static async start(): Promise<Oracle> {
    return new Oracle(await startFakeGemini());
  }

  /** For GEMINI_BASE_URL. @param port of a proxy in front of it */
  url(port = this.gemini.port): string {
    return `http://127.0.0.1:${port}/${SCENARIO}`;
  }

  /** How the model answers this question; `null`: every other question. */
  answers(question: string | null, script: Script | readonly FakeStep[]): void {
    const plan: Script = typeof script === 'function' ? script : () => script;
    if (question === null) this.#default = plan;
    else this.#scripts.set(question, plan);
  }

  /** All requests whose newest message is this text, oldest first. */
  asked(question: string): RecordedRequest[] {
    return this.requests().filter((request) => questionOf(request) === question);
  }

  requests(): RecordedRequest[] {
    return this.gemini.of(SCENARIO).filter((request) => request.method === 'POST');
  }

  /** Resolves when the model is asked this question for the n-th time (from 0). */
  async arrived(question: string, n = 0): Promise<RecordedRequest> {
    for (let call = this.gemini.of(SCENARIO).length; ; call += 1) {
      const found = this.asked(question)[n];
      if (found !== undefined) return found;
      await this.gemini.arrived(SCENARIO, call);
    }
  }

  close(): Promise<void> {
    return this.gemini.close();
  }
}

/** The newest text of a request to the model. */
export function questionOf(request: RecordedRequest): string {
  const { contents = [] } = request.body as { contents?: { parts: { text?: string }[] }[] };
  return (contents.at(-1)?.parts ?? []).map((part) => part.text ?? '').join('');
}

/** Events that no other request ever says, one a line: `[call.n]`, some with letters that a cut in the wrong place would break. */
export function said(call: number, count: number, delay = 0): FakeStep[] {
  const events = Array.from({ length: count }, (_, n) => ({ text: `[${call}.${n}]${n % 7 === 3 ? ' سلام‌ 👩‍👩‍👧' : ''}\n` }));
  return delay === 0 ? events : events.flatMap((event): FakeStep[] => [event, { delay }]);
}

/**
 * Holds a stored answer against what was said. It must be whole events of one request from its first on, then, where the answer
 * was continued, of a later one; nothing twice, nothing missing in between.
 * @returns what is wrong, or null
 */
export function untruth(text: string, isComplete: boolean, oracle: Oracle): string | null {
  let rest = text;
  let before = -1;
  while (rest !== '') {
    const call = Number(/^\[(\d+)\.0\]/.exec(rest)?.[1] ?? Number.NaN);
    const spoken = Number.isNaN(call) ? undefined : oracle.requests()[call]?.sentText();
    if (spoken === undefined || call <= before) return `nobody said at this place: ${rest.slice(0, 40)}`;
    before = call;
    // Whole events only: what follows may begin like the next one by accident, and is looked at by itself.
    const length = spoken.lastIndexOf('\n', agreed(rest, spoken) - 1) + 1;
    rest = rest.slice(length);
    if (length === 0) return `an event of call ${call} was torn`;
    if (rest === '' && isComplete && length < spoken.length)
      return `complete, but ${spoken.length - length} characters of call ${call} are missing`;
  }
  return null;
}

function agreed(left: string, right: string): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length += 1;
  return length;
}
