import type { FakePlan, FakeStep } from './fake-gemini.ts';

/** What the fake service can do, by the first path segment of the base URL. */

/** @returns one response object with these parts and no finish reason */
export function chunk(parts: readonly unknown[]): unknown {
  return { candidates: [{ index: 0, content: { role: 'model', parts } }], modelVersion: 'gemini-3.8-flash', responseId: 'fake' };
}

export function errorBody(code: number, status: string, message: string, details: readonly unknown[] = []): unknown {
  return { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } };
}

const persian = 'سلام! این یک پاسخِ آزمایشی است؛ «نیم‌فاصله» و ایموجی 👩‍👩‍👧‍👦🇮🇷 سالم می‌مانند. ';
const finish: FakeStep = { finish: 'STOP' };
const PROTO = 'type.googleapis.com/google.rpc.';

const words = (count: number): FakeStep[] => Array.from({ length: count }, (_, n) => ({ text: `w${n} ` }));

const always =
  (...steps: FakeStep[]): FakePlan =>
  () =>
    steps;

/** Refuses `times` calls, then answers. */
const refuses =
  (times: number, refusal: FakeStep): FakePlan =>
  (call) =>
    call < times ? [refusal] : [{ text: 'after the retry' }, finish];

const quota = (quotaId: string, value: string): unknown => ({
  '@type': `${PROTO}QuotaFailure`,
  violations: [
    { quotaMetric: 'generativelanguage.googleapis.com/generate_requests', quotaId, quotaDimensions: { model: 'm' }, quotaValue: value },
  ],
});
const retryInfo = (delay: string): unknown => ({ '@type': `${PROTO}RetryInfo`, retryDelay: delay });
const tooMany = (...details: unknown[]): FakeStep => ({
  status: 429,
  body: errorBody(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', details),
});
const perMinute = quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', '5');
const perDay = quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier', '20');
const unavailable: FakeStep = { status: 503, body: errorBody(503, 'UNAVAILABLE', 'The model is overloaded.') };
const midError = errorBody(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');

/** A picture of this many bytes that is no real picture: the chat passes pictures on without decoding them. */
const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, n) => (n * 31 + (n >> 8)) & 255);

const modelEntry = (id: string, methods = ['generateContent', 'countTokens']): unknown => ({
  name: `models/${id}`,
  version: '001',
  displayName: id,
  description: `Fake ${id}`,
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: methods,
  thinking: true,
});

const list: FakePlan = (_call, request) => {
  if (request.path.includes(':countTokens')) return [{ status: 200, body: { totalTokens: 7 } }];
  if (!request.path.includes('/models?')) return [{ text: 'Hello' }, { text: ', world' }, finish];
  const second = request.path.includes('pageToken=two');
  const body = second
    ? { models: [modelEntry('gemini-9-future'), modelEntry('text-embedding-9', ['embedContent'])], nextPageToken: '' }
    : { models: [modelEntry('gemini-3.8-flash'), modelEntry('gemini-2.5-flash')], nextPageToken: 'two' };
  return [{ status: 200, body }];
};

const continuation: FakePlan = (call) =>
  call < 2
    ? [
        { text: `part ${call} ` },
        {
          event: {
            candidates: [{ index: 0, content: { parts: [] }, finishReason: 'CONTINUATION', continuationToken: `token-${call}` }],
            usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
          },
        },
      ]
    : [{ text: 'the end' }, { finish: 'STOP', usage: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 } }];

const badSignature: FakePlan = (_call, request) =>
  JSON.stringify(request.body).includes('thoughtSignature')
    ? [{ status: 400, body: errorBody(400, 'INVALID_ARGUMENT', 'Corrupted thought signature.') }]
    : [{ text: 'fine without signatures' }, finish];

const blocks = Object.fromEntries(
  ['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'MODEL_ARMOR', 'JAILBREAK', 'SOMETHING_NEW'].map((reason) => [
    `block-${reason}`,
    always({ event: { promptFeedback: { blockReason: reason }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } } }),
  ]),
);

const finishes = Object.fromEntries(
  [
    ...['STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'LANGUAGE', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'],
    ...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT'],
    ...['IMAGE_RECITATION', 'IMAGE_OTHER', 'NO_IMAGE', 'MALFORMED_RESPONSE', 'SOMETHING_NEW'],
  ].map((reason) => [`finish-${reason}`, always({ text: 'Some text.' }, { finish: reason })]),
);

export const scenarios: Readonly<Record<string, FakePlan>> = {
  ...blocks,
  ...finishes,
  ok: list,
  persian: always(...Array.from({ length: 8 }, () => ({ text: persian })), finish),
  bytewise: always({ pieces: 1 }, { text: persian }, { text: persian }, finish),
  'split-utf8': always({ pieces: 7 }, ...Array.from({ length: 5 }, () => ({ text: persian })), finish),
  lf: always({ newline: '\n' }, { text: persian }, { text: 'two' }, finish),
  cr: always({ newline: '\r' }, { text: persian }, { text: 'two' }, finish),
  'text-with-crlf': always({ text: 'one\r\ntwo\r\n\r\nthree\n\n' }, { text: 'data: not an event\n\n' }, finish),
  'line-separators': always(
    { raw: 'data: {"candidates":[{"content":{"parts":[{"text":"a\u2028b\u2029c"}]}}]}\n\n', text: 'a\u2028b\u2029c' },
    { text: 'later' },
    finish,
  ),
  many: always(...words(10_000), finish),
  slow: always(...words(40).flatMap((word): FakeStep[] => [word, { delay: 100 }]), finish),
  thoughts: always({ thought: 'First I think. ' }, { thought: 'Then again.' }, { text: 'The answer' }, { text: ' is 42.' }, finish),
  signature: always({ text: 'Hello ' }, { text: 'there' }, { text: '', signature: 'c2lnbmF0dXJl' }, finish),
  'multi-part': always({ event: chunk([{ text: 'think', thought: true }, { text: 'a' }, { text: 'b' }, {}, { text: 'c' }]) }, finish),
  'two-candidates': always(
    {
      event: {
        candidates: [
          { index: 0, content: { parts: [{ text: 'right' }] } },
          { index: 1, content: { parts: [{ text: 'wrong' }] } },
        ],
      },
    },
    finish,
  ),
  image: always({ text: 'Here: ' }, { image: { mime: 'image/png', bytes: bytes(1000) } }, finish),
  'image-4mb': always({ image: { mime: 'image/png', bytes: bytes(4_194_304) } }, finish),
  'image-thought': always(
    { image: { mime: 'image/png', bytes: bytes(500), thought: true } },
    { image: { mime: 'image/png', bytes: bytes(600) } },
    finish,
  ),
  code: always(
    { event: chunk([{ executableCode: { language: 'PYTHON', code: 'print(1)' } }]) },
    { event: chunk([{ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } }]) },
    { text: 'It is 1.' },
    finish,
  ),
  grounding: always(
    { text: 'As found.' },
    {
      event: {
        candidates: [
          {
            finishReason: 'STOP',
            groundingMetadata: {
              groundingChunks: [{ web: { uri: 'https://example.org/a', title: 'A' } }, { web: { uri: 'javascript:alert(1)' } }, null],
            },
          },
        ],
      },
    },
  ),
  'usage-last': always({ text: 'Hi' }, { finish: 'STOP', usage: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 } }),
  'usage-growing': always(
    {
      event: {
        candidates: [{ content: { parts: [{ text: 'a' }] } }],
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1, totalTokenCount: 6 },
      },
    },
    { finish: 'STOP', usage: { promptTokenCount: 5, candidatesTokenCount: 9, totalTokenCount: 14 } },
  ),
  'finish-everywhere': always(
    ...['a', 'b', 'c'].map((text): FakeStep => ({ event: { candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }] } })),
    { event: { candidates: [{ content: {}, finishReason: 'STOP' }] } },
  ),
  'no-finish': always({ text: 'This stops without' }),
  empty: always({ headers: true }),
  'max-tokens-thinking': always({ thought: 'A long thought' }, { finish: 'MAX_TOKENS' }),
  'odd-chunks': always(
    { raw: 'data: null\r\n\r\n' },
    { event: { candidates: [null] } },
    { event: {} },
    { event: { candidates: 'no' } },
    { event: { candidates: [{ content: { parts: null } }] } },
    { event: { candidates: [{ content: { parts: [null, 7, { text: 5 }] } }] } },
    { text: 'still here' },
    finish,
  ),
  comments: always(
    { raw: ': keep-alive\r\n\r\nevent: message\r\nid: 1\r\nretry: 5\r\n' },
    { text: 'one' },
    { raw: ': again\n\n\n\n' },
    { text: 'two' },
    finish,
  ),
  'no-space': always({ raw: 'data:{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}\n\n', text: 'x' }, finish),
  'multi-line-data': always({ raw: 'data: {"candidates":[{"content":\ndata: {"parts":[{"text":"x"}]}}]}\n\n', text: 'x' }, finish),
  done: always({ text: 'whole' }, finish, { raw: 'data: [DONE]\n\n' }),
  'no-last-blank': always(
    { text: 'one ' },
    { raw: 'data: {"candidates":[{"content":{"parts":[{"text":"two"}]},"finishReason":"STOP"}]}', text: 'two' },
  ),
  bom: always({ raw: '\uFEFF' }, { text: 'one' }, finish),
  'bad-json': always({ text: 'one' }, { delay: 20 }, { raw: 'data: {bad\r\n\r\n' }, { hang: true }),
  html: always({ raw: '<html><body>502 Bad Gateway</body></html>' }),
  'eof-mid-utf8': always({ text: 'سلام ' }, { raw: Buffer.from('data: {"candidates":[{"content":{"parts":[{"text":"س').subarray(0, -1) }),
  'eof-mid-json': always({ text: 'kept ' }, { raw: 'data: {"candidates":[{"content":{"par' }),
  'raw-error-tail': always(
    { text: 'kept ' },
    { delay: 20 },
    { raw: JSON.stringify(midError, null, 2).slice(0, 30) },
    { delay: 20 },
    { raw: JSON.stringify(midError, null, 2).slice(30) },
  ),
  'raw-error-array': always({ text: 'kept ' }, { raw: `\n${JSON.stringify([midError], null, 2)}\n` }),
  'framed-error': always({ text: 'kept ' }, { event: midError }),
  'framed-error-first': (call) => (call === 0 ? [{ event: midError }] : [{ text: 'after the retry' }, finish]),
  'silent-before-headers': always({ hang: true }),
  'silent-after-headers': always({ headers: true }, { hang: true }),
  'one-then-silent': always({ text: 'one' }, { hang: true }),
  'reset-before-headers': always({ reset: true }),
  'reset-once': (call) => (call === 0 ? [{ reset: true }] : [{ text: 'after the retry' }, finish]),
  'reset-after-headers': always({ headers: true }, { delay: 20 }, { reset: true }),
  'reset-mid': always(...words(100), { delay: 100 }, { reset: true }),
  'cut-mid': always(...words(100), { delay: 50 }, { cut: true }),
  'bad-key': always({
    status: 400,
    body: errorBody(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
      { '@type': `${PROTO}ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
    ]),
  }),
  'bad-request': always({ status: 400, body: errorBody(400, 'INVALID_ARGUMENT', 'Unable to process input image.') }),
  region: always({ status: 400, body: errorBody(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.') }),
  forbidden: always({ status: 403, body: errorBody(403, 'PERMISSION_DENIED', 'Permission denied.') }),
  'not-found': always({ status: 404, body: errorBody(404, 'NOT_FOUND', 'models/x is not found.') }),
  '429-minute': always(tooMany(perMinute, retryInfo('42s'))),
  '429-minute-then-ok': refuses(1, tooMany(perMinute, retryInfo('3s'))),
  '429-fraction-then-ok': refuses(1, tooMany(retryInfo('2.5s'))),
  '429-day': always(tooMany(perDay, retryInfo('17s'))),
  '429-zero': always(tooMany(quota('GenerateContentInputTokensPerModelPerMinute-FreeTier', '0'), retryInfo('25s'))),
  '429-bare': always({ status: 429, body: '' }),
  '429-message-then-ok': refuses(1, { status: 429, body: errorBody(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded. Please retry in 4.5s.') }),
  '503': always(unavailable),
  '503-once': refuses(1, unavailable),
  '503-twice': refuses(2, unavailable),
  '500': always({ status: 500, body: errorBody(500, 'INTERNAL', 'An internal error has occurred.') }),
  '503-html': always({ status: 503, body: '<html>no</html>' }),
  'bad-signature': badSignature,
  continuation,
};
