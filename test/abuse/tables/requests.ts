import { type Attack, call, raw } from '../support/attack.ts';

const post = 'POST /api/conversations HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n';
const get = 'GET /api/conversations HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n';

function wire(name: string, request: string, ...expected: string[]): Attack {
  return { name, expected, run: (victim) => raw(victim, request) };
}

function body(name: string, text: string, ...expected: string[]): Attack {
  return {
    name,
    expected: expected.length === 0 ? ['400 BAD_REQUEST'] : expected,
    run: (victim) => call(victim, '/api/conversations', { method: 'POST', body: text }),
  };
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const manyKeys = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":1`).join(',')}}`;

/** M-HT: what is no proper request, or too much of one. */
export const requests: readonly Attack[] = [
  wire('a header of 17 KB', `${get}X-Long: ${'a'.repeat(17_000)}\r\n\r\n`, '431 TOO_LARGE'),
  wire('2,001 headers', `${get}${'X-A: b\r\n'.repeat(2001)}\r\n`, '431 TOO_LARGE', '200'),
  wire('two lengths', `${post}Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}`, '400 BAD_REQUEST'),
  wire('a length and chunks', `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '400 BAD_REQUEST'),
  wire('an encoding that nobody knows', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, '400 BAD_REQUEST'),
  wire('a negative length', `${post}Content-Length: -1\r\n\r\n`, '400 BAD_REQUEST'),
  wire('a chunk size that is no number', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, '400 BAD_REQUEST'),
  wire('no Host', 'GET / HTTP/1.1\r\n\r\n', '400 BAD_REQUEST', '400'),
  wire('two Hosts', 'GET /api/models HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400 BAD_REQUEST', '401 UNAUTHENTICATED', '421 HOST_REFUSED'),
  wire('a forged X-Forwarded-Host', `${get}X-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n`, '200'),
  wire('a language with markup', `${get}Accept-Language: "><script>alert(1)</script>\r\nConnection: close\r\n\r\n`, '200'),
  // Node takes it for a request of HTTP/1.0: the page is no secret.
  wire('HTTP/0.9', 'GET /\r\n\r\n', '400 BAD_REQUEST', 'cut', '200', '503'),
  wire('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400 BAD_REQUEST', 'cut'),
  wire('a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400 BAD_REQUEST', 'cut'),
  wire('a NUL in the path', 'GET /api/\0 HTTP/1.1\r\nHost: {host}\r\n\r\n', '400 BAD_REQUEST'),
  wire('a line break smuggled into a header', `${get}X-A: b\nContent-Length: 5\r\n\r\n`, '400 BAD_REQUEST', '200'),
  wire('a null origin that changes something', `${post}Origin: null\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`, '201'),
  ...['OPTIONS', 'TRACE', 'PROPFIND', 'CONNECT', 'PURGE', 'FOO'].map((method) =>
    wire(
      `the method ${method}`,
      `${method} /api/conversations HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n`,
      '405 BAD_REQUEST',
      '400 BAD_REQUEST',
      '404 NOT_FOUND',
      'cut',
    ),
  ),
  body('broken JSON', '{bad'),
  body('JSON of 65 KB', JSON.stringify({ title: 'a'.repeat(65 * 1024) }), '413 TOO_LARGE'),
  body('a depth of 4,000', `{"title":${nested(4000)}}`),
  body('a depth of 33', `{"title":${nested(33)}}`),
  body('100,000 keys', manyKeys, '413 TOO_LARGE', '400 BAD_REQUEST'),
  body('the same key twice, once as an object', '{"title":"a","title":{"$gt":""}}'),
  body('a number without end', '{"title":1e400}'),
  body('half a character', '{"title":"\\ud800"}', '400 BAD_REQUEST', '201'),
  body('a NUL in a title', '{"title":"a\\u0000b"}', '400 BAD_REQUEST', '201'),
  body('a list instead of an object', '[]'),
  body('a bare text', '"x"'),
  body('null', 'null'),
  body('a byte order mark', '\ufeff{"title":"x"}', '201', '400 BAD_REQUEST'),
  {
    name: 'a body in UTF-16',
    expected: ['415 UNSUPPORTED_MEDIA', '400 BAD_REQUEST'],
    run: (victim) =>
      call(victim, '/api/conversations', {
        method: 'POST',
        body: Buffer.from('{"title":"x"}', 'utf16le'),
        headers: { 'content-type': 'application/json; charset=utf-16' },
      }),
  },
  {
    name: 'a form with operators in its names',
    expected: ['415 UNSUPPORTED_MEDIA', '400 BAD_REQUEST'],
    run: (victim) =>
      call(victim, '/api/auth/login', {
        method: 'POST',
        body: 'email=admin&password[$ne]=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'none' },
      }),
  },
];

const longQuery = (text: string) => (victim: Parameters<Attack['run']>[0]) => call(victim, `/api/conversations?${text}`);

/** M-RD: queries and patterns that make slow parsers slow. */
export const queries: readonly Attack[] = [
  { name: 'the same list field 1,500 times', expected: ['200', '431 TOO_LARGE'], run: longQuery('a[]=1&'.repeat(1500)) },
  { name: 'brackets 500 deep', expected: ['200', '400 BAD_REQUEST'], run: longQuery(`q${'[0]'.repeat(500)}=1`) },
  { name: 'a search for (a+)+$', expected: ['200'], run: longQuery(`q=${encodeURIComponent(`(a+)+$${'a'.repeat(200)}`)}`) },
  { name: 'a search for .*.*.*x', expected: ['200'], run: longQuery(`q=${encodeURIComponent('.*'.repeat(100))}x`) },
  { name: 'a list of 7,000 commas', expected: ['200', '400 BAD_REQUEST'], run: longQuery(`q=${'1,'.repeat(7000)}`) },
  { name: 'q twice', expected: ['200', '400 BAD_REQUEST'], run: longQuery('q=a&q=b') },
  { name: 'an object for q', expected: ['200', '400 BAD_REQUEST'], run: longQuery('q[$regex]=.*') },
  { name: 'a cursor of another make', expected: ['400 BAD_REQUEST'], run: longQuery('cursor=eyJpZCI6IjEifQ') },
  { name: 'a cursor with an operator', expected: ['400 BAD_REQUEST'], run: longQuery('cursor={"$gt":""}') },
  { name: 'a limit of a million', expected: ['400 BAD_REQUEST'], run: longQuery('limit=1000000') },
  { name: 'a limit of NaN', expected: ['400 BAD_REQUEST'], run: longQuery('limit=NaN') },
];

/** M-PT: paths that lead elsewhere. */
export const paths: readonly Attack[] = [
  ...[
    '/files/../../etc/passwd',
    '/../../../etc/passwd',
    '/..%2f..%2f..%2fetc/passwd',
    '/assets/..%5c..%5cpackage.json',
    '/%2e%2e/package.json',
    '/.env',
    '/.git/config',
    '/package.json',
    '/src/main.ts',
    '/dist/server/main.js',
    '/data/jarvis-argus.db',
    '/assets/app.js.map',
    '/c/../../x',
    '/constructor',
    '/__proto__',
    '/toString',
    '/api/../.env',
    '/api/files/..%2f..%2fetc%2fpasswd',
    '/api/files/%00',
    '/api/files/%c0%ae%c0%ae',
    '/api/files/__proto__',
    '/api/conversations/__proto__',
    '/api/conversations/%7B%22$gt%22:%22%22%7D',
    '/api/conversations/507f1f77bcf',
    '/api/conversations/twelve-bytes',
    '/api/conversations/507f1f77bcf86',
    '/api/conversations/507f1f77bcf86cd79943901',
    '/api/conversations/507f1f77bcf86cd7994390111',
    '/api/constructor',
  ].map((path) => ({
    name: path,
    expected: ['404 NOT_FOUND', '400 BAD_REQUEST', '404', '400'],
    run: (victim: Parameters<Attack['run']>[0]) =>
      raw(victim, `GET ${path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n`),
  })),
  {
    name: 'an If-None-Match of 15 KB',
    expected: ['200', '503', '431 TOO_LARGE'],
    run: (victim) => raw(victim, `GET / HTTP/1.1\r\nHost: {host}\r\nIf-None-Match: ${'"x",'.repeat(3700)}\r\nConnection: close\r\n\r\n`),
  },
  {
    name: 'an If-None-Match of 1 MB',
    expected: ['431 TOO_LARGE', 'cut'],
    run: (victim) => raw(victim, `GET / HTTP/1.1\r\nHost: {host}\r\nIf-None-Match: ${'"x",'.repeat(262_144)}\r\nConnection: close\r\n\r\n`),
  },
  {
    name: 'a path inside a body',
    expected: ['400 BAD_REQUEST', '404 NOT_FOUND', '405 BAD_REQUEST'],
    run: (victim) => call(victim, '/api/files', { method: 'POST', body: '{"path":"/etc/passwd"}' }),
  },
];
