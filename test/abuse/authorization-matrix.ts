/*
 * Who may do what: one row for each route and each frame. `authorization.test.ts` compares these tables with what the server
 * really serves: a route or a frame without a row fails, and so does a row without a route or a frame.
 *
 * A new route is one line: 'GET /api/things/:id': own('200', (s) => s.thing). A `#` begins a further row for the same route.
 */

/** A word that stands in everything that the owner wrote or was told: nobody else may ever be sent it. */
export const canary = 'canaryoftheowner';
/** A word that stands there too and that anybody may look for. */
export const searched = 'marzipan';

/** What the owner has, made anew for each row. In place of each id stands an unknown one when the row is asked about nothing. */
export interface Seed {
  readonly userId: string;
  readonly conversation: string;
  readonly message: string;
  readonly answer: string;
  readonly generation: string;
  /** An answer that was stopped, in a conversation of its own. */
  readonly stoppedConversation: string;
  readonly stopped: string;
  /** An answer that is being written, in a conversation of its own. */
  readonly runningConversation: string;
  readonly running: string;
  readonly deleted: string;
  readonly file: string;
  readonly session: string;
  /** A job that runs and has a preview, and one whose picture is in the gallery. */
  readonly job: string;
  readonly made: string;
  /** A shared copy, in rows about such. */
  readonly share: string;
  readonly folder: string;
  readonly prompt: string;
}

export const roles = ['other', 'anonymous', 'disabled', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

export interface Row {
  /** What each role gets: `200`, `404 NOT_FOUND`; for frames the type of the answer, `error NOT_FOUND`. */
  readonly expected: Readonly<Record<Role, string>>;
  /** The row names something of the owner: for everybody else it must look as if it did not exist. */
  readonly owned: boolean;
  /** For the `:id` of the path. */
  readonly id?: (seed: Seed) => string;
  readonly query?: string;
  /** The body of a request, or the fields of a frame. */
  readonly body?: (seed: Seed, asker: Asker) => object | FormData | Blob;
}

/** Who asks, for rows that are about the asker. */
export interface Asker {
  readonly email: string;
  readonly password: string;
  /** A name that was never used before. */
  readonly fresh: string;
}

type Body = Row['body'];
const given = (body: Body) => (body === undefined ? {} : { body });

/** Something of the owner. */
const own = (ok: string, id: (seed: Seed) => string, body?: Body): Row => ({
  expected: {
    owner: ok,
    other: '404 NOT_FOUND',
    admin: '404 NOT_FOUND',
    anonymous: '401 UNAUTHENTICATED',
    disabled: '401 UNAUTHENTICATED',
  },
  owned: true,
  id,
  ...given(body),
});
/** Something of the owner that the query or the body names. */
const ownIn = (ok: string, part: { readonly query: string } | { readonly body: NonNullable<Body> }): Row => ({
  ...own(ok, () => ''),
  ...part,
});
/** Something of whoever asks. */
const self = (ok: string, body?: Body): Row => ({
  expected: { owner: ok, other: ok, admin: ok, anonymous: '401 UNAUTHENTICATED', disabled: '401 UNAUTHENTICATED' },
  owned: false,
  ...given(body),
});
const anybody = (ok: string, body?: Body): Row => ({
  expected: { owner: ok, other: ok, admin: ok, anonymous: ok, disabled: ok },
  owned: false,
  ...given(body),
});
const admins = (ok: string, id?: (seed: Seed) => string, body?: Body): Row => ({
  expected: {
    owner: '403 FORBIDDEN',
    other: '403 FORBIDDEN',
    admin: ok,
    anonymous: '401 UNAUTHENTICATED',
    disabled: '401 UNAUTHENTICATED',
  },
  owned: false,
  ...(id === undefined ? {} : { id }),
  ...given(body),
});

/** A picture of one point. */
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
export function pictureForm(): FormData {
  const form = new FormData();
  form.append('file', new Blob([picture], { type: 'image/png' }), 'point.png');
  return form;
}

export const routeRows: Readonly<Record<string, Row>> = {
  'GET /healthz': anybody('200'),
  'GET /readyz': anybody('200'),
  'GET /metrics': anybody('200'),
  'GET /debug/ip': admins('200'),
  'GET /': anybody('200'),
  'GET /index.html': anybody('200'),
  'GET /s/:id': { ...anybody('200'), id: () => 'unknown' },
  'GET /c/:id': { ...anybody('200'), id: (s) => s.conversation },
  'GET /admin': anybody('200'),
  'GET /admin/people': anybody('200'),
  'GET /jobs': anybody('200'),
  'GET /gallery': anybody('200'),
  'GET /plugins': anybody('200'),
  'GET /archive': anybody('200'),
  'GET /trash': anybody('200'),
  'GET /doctor': anybody('200'),

  'POST /api/auth/signup': anybody('201', (_s, { fresh }) => ({
    name: 'New',
    email: `${fresh}@example.org`,
    password: 'correct horse 77',
  })),
  'POST /api/auth/login': anybody('401 BAD_CREDENTIALS', (_s, { fresh }) => ({ email: `${fresh}@example.org`, password: 'not the one' })),
  'POST /api/auth/exchange': anybody('401 UNAUTHENTICATED', () => ({ code: 'somebody-elses-code' })),
  'POST /api/auth/logout': anybody('204'),
  'POST /api/auth/password': self('204', (_s, { password }) => ({ current: password, next: password })),
  'GET /api/auth/me': self('200'),
  'GET /api/auth/sessions': self('200'),
  'DELETE /api/auth/sessions': self('204'),
  'DELETE /api/auth/sessions/:id': own('204', (s) => s.session),

  'GET /api/conversations': self('200'),
  'GET /api/conversations#search': { ...self('200'), query: `?q=${searched}` },
  'POST /api/conversations': self('201', () => ({ title: 'Mine' })),
  'GET /api/conversations/:id': own('200', (s) => s.conversation),
  'PATCH /api/conversations/:id': own(
    '200',
    (s) => s.conversation,
    () => ({ title: 'Taken' }),
  ),
  'DELETE /api/conversations/:id': own('204', (s) => s.conversation),
  'DELETE /api/conversations/:id#running': own('204', (s) => s.runningConversation),
  'POST /api/conversations/:id/restore': own('200', (s) => s.deleted),
  'GET /api/conversations/:id/export': { ...own('200', (s) => s.conversation), query: '?format=html' },
  'GET /api/surface': self('200'),
  'GET /api/readme': self('404 NOT_FOUND'),
  'GET /api/avatars/:name': { ...anybody('404 NOT_FOUND'), id: () => 'nobody' },
  'GET /site/theme.css': anybody('200'),
  'POST /api/asks/:id/files': { ...self('404 NOT_FOUND', () => pictureForm()), id: (s) => s.message },
  'POST /api/conversations/:id/shares': own(
    '201',
    (s) => s.conversation,
    () => ({}),
  ),
  // A list of what is one's own: of a foreign conversation there is nothing in it, as of an unknown one.
  'GET /api/conversations/:id/shares': { ...self('200'), owned: true, id: (s) => s.conversation },
  'GET /api/shares': self('200'),
  'DELETE /api/shares/:id': own('204', (s) => s.share),
  // What a link shows is for everybody; test/integration/shares.test.ts says what that is.
  'GET /api/shared/:id': { ...anybody('404 NOT_FOUND'), id: () => 'unknown' },
  'GET /api/shared/:id/files/:file': { ...anybody('404 NOT_FOUND'), id: () => 'unknown' },
  'GET /api/embed': anybody('200'),
  // Here no page is listed that may show the chat.
  'GET /embed': anybody('404 NOT_FOUND'),
  'GET /widget.js': anybody('404 NOT_FOUND'),
  'POST /api/shared/:id/copy': { ...self('404 NOT_FOUND', () => ({})), id: () => 'unknown' },
  'GET /api/conversations#folder': ownIn('200', { query: '?folder={folder}' }),
  'POST /api/conversations#folder': ownIn('201', { body: (s) => ({ folderId: s.folder }) }),
  'POST /api/conversations/:id/fork': own(
    '201',
    (s) => s.conversation,
    (s) => ({ messageId: s.answer }),
  ),
  'GET /api/folders': self('200'),
  'POST /api/folders': self('201', () => ({ name: 'Mine' })),
  'PATCH /api/folders/:id': own(
    '200',
    (s) => s.folder,
    () => ({ name: 'Taken' }),
  ),
  'DELETE /api/folders/:id': own('204', (s) => s.folder),
  'GET /api/prompts': self('200'),
  'POST /api/prompts': self('201', () => ({ title: 'Mine', text: 'mine' })),
  'PATCH /api/prompts/:id': own(
    '200',
    (s) => s.prompt,
    () => ({ title: 'Taken' }),
  ),
  'DELETE /api/prompts/:id': own('204', (s) => s.prompt),
  'GET /api/favourites': self('200'),
  'PUT /api/messages/:id/favourite': own('200', (s) => s.answer),
  'DELETE /api/messages/:id/favourite': own('204', (s) => s.answer),
  'GET /api/trash': self('200'),
  'DELETE /api/trash': self('204'),
  'DELETE /api/trash/:id': own('204', (s) => s.deleted),
  'GET /api/conversations/:id/messages': own('200', (s) => s.conversation),
  'POST /api/messages/:id/feedback': own(
    '200',
    (s) => s.answer,
    () => ({ value: -1 }),
  ),
  'POST /api/uploads': self('201', pictureForm),
  'GET /api/files/:id': own('200', (s) => s.file),

  'GET /api/jobs': self('200'),
  'POST /api/jobs': self('202', (_s, { fresh }) => ({ clientJobId: fresh, kind: 'test.copy', params: { factor: 2 } })),
  'POST /api/jobs#file': ownIn('202', {
    body: (s) => ({ clientJobId: 'of-a-file', kind: 'test.copy', input: [s.file], params: { factor: 2 } }),
  }),
  'POST /api/jobs#conversation': ownIn('202', {
    body: (s) => ({ clientJobId: 'in-a-chat', kind: 'test.copy', params: { factor: 2 }, conversationId: s.conversation }),
  }),
  'GET /api/jobs/:id': own('200', (s) => s.job),
  'DELETE /api/jobs/:id': own('200', (s) => s.job),
  'GET /api/jobs/:id/preview': own('200', (s) => s.job),
  'GET /api/gallery': self('200'),
  'DELETE /api/gallery/:id': own('204', (s) => s.made),

  'GET /api/models': self('200'),
  'GET /api/plugins': self('200'),
  'PUT /api/plugins/:name/settings': { ...self('200', () => ({ values: { polite: true } })), id: () => 'sample' },
  'GET /api/commands': anybody('200'),
  'GET /api/settings': self('200'),
  'GET /api/settings#conversation': ownIn('200', { query: '?conversationId={conversation}' }),
  'PATCH /api/settings': self('200', () => ({ settings: { level: 'quick' } })),
  'PATCH /api/settings#conversation': ownIn('200', {
    body: (s) => ({ conversationId: s.conversation, settings: { systemInstruction: 'Taken' } }),
  }),

  'GET /api/usage': self('200'),
  'GET /api/doctor': self('200'),
  'GET /api/account/export': self('200'),
  'POST /api/account/import': self('400 BAD_REQUEST', () => new Blob(['{"type":"nonsense"}\n'], { type: 'application/x-ndjson' })),

  'GET /api/admin/overview': admins('200'),
  'GET /api/admin/backup': admins('200'),
  'GET /api/admin/nothing': admins('404 NOT_FOUND'),
  'PATCH /api/admin/plugins/:name': admins(
    '200',
    () => 'sample',
    () => ({ enabled: true }),
  ),
  'GET /api/admin/weights': admins('200'),
  'POST /api/admin/weights/:name': admins('404 NOT_FOUND', () => 'nothing'),
  'DELETE /api/admin/weights/:name': admins('404 NOT_FOUND', () => 'nothing'),
  'GET /api/admin/users': admins('200'),
  'PATCH /api/admin/users/:id': admins(
    '200',
    (s) => s.userId,
    () => ({ budget: { centsPerDay: 1 } }),
  ),
  'PATCH /api/admin/users/:id#role': admins(
    '200',
    (s) => s.userId,
    () => ({ role: 'user', disabled: false }),
  ),
  'GET /api/admin/users/:id/sessions': admins('200', (s) => s.userId),
  'DELETE /api/admin/users/:id/sessions': admins('204', (s) => s.userId),
};

/** A frame about something of the owner. A disabled person cannot say hello any more. */
const ownFrame = (ok: string, body: Body): Row => ({
  expected: {
    owner: ok,
    other: 'error NOT_FOUND',
    admin: 'error NOT_FOUND',
    anonymous: 'error UNAUTHENTICATED',
    disabled: 'error UNAUTHENTICATED',
  },
  owned: true,
  ...given(body),
});
const selfFrame = (ok: string, body: Body): Row => ({
  expected: { owner: ok, other: ok, admin: ok, anonymous: 'error UNAUTHENTICATED', disabled: 'error UNAUTHENTICATED' },
  owned: false,
  ...given(body),
});
const anybodysFrame = (ok: string, body: Body): Row => ({
  expected: { owner: ok, other: ok, admin: ok, anonymous: ok, disabled: 'error UNAUTHENTICATED' },
  owned: false,
  ...given(body),
});
/** A command about a conversation of the owner. */
const ownCommand = (ok: string, name: string, args: readonly string[], at: (seed: Seed) => string): Row =>
  ownFrame(ok, (s, { fresh }) => ({ clientMessageId: fresh, name, args, conversationId: at(s) }));

export const frameRows: Readonly<Record<string, Row>> = {
  hello: anybodysFrame('welcome', () => ({ version: 1 })),
  // What cannot be taken up is left out without a word; that nothing of the owner arrives is checked for every row.
  'hello#resume': anybodysFrame('welcome', (s) => ({
    version: 1,
    resume: [s.generation, s.running].map((generationId) => ({ generationId, epoch: 'x', afterSeq: 0 })),
  })),
  ping: anybodysFrame('pong', () => ({})),
  'message.send': ownFrame('message.accepted', (s, { fresh }) => ({
    clientMessageId: fresh,
    conversationId: s.conversation,
    text: 'Hello',
  })),
  'message.send#new': selfFrame('message.accepted', (_s, { fresh }) => ({ clientMessageId: fresh, conversationId: null, text: 'Hello' })),
  'message.send#file': ownFrame('message.accepted', (s, { fresh }) => ({
    clientMessageId: fresh,
    conversationId: null,
    text: 'Look',
    attachments: [s.file],
  })),
  'message.edit': ownFrame('message.accepted', (s, { fresh }) => ({ clientMessageId: fresh, messageId: s.message, text: 'Changed' })),
  'message.regenerate': ownFrame('message.accepted', (s, { fresh }) => ({ clientMessageId: fresh, messageId: s.answer })),
  'message.continue': ownFrame('message.accepted', (s, { fresh }) => ({ clientMessageId: fresh, messageId: s.stopped })),
  'generation.attach': ownFrame('generation.started', (s) => ({ generationId: s.running, afterSeq: 0 })),
  'generation.attach#ended': ownFrame('generation.snapshot', (s) => ({ generationId: s.generation, epoch: 'x', afterSeq: 0 })),
  'generation.stop': ownFrame('notice', (s) => ({ generationId: s.running })),
  'generation.stop#ended': ownFrame('notice', (s) => ({ generationId: s.generation })),
  'conversation.open': ownFrame('conversation.opened', (s) => ({ conversationId: s.conversation })),
  'conversation.open#running': ownFrame('conversation.opened', (s) => ({ conversationId: s.runningConversation })),
  'settings.update': selfFrame('settings.updated', () => ({ settings: { level: 'quick' } })),
  'settings.update#conversation': ownFrame('settings.updated', (s) => ({ conversationId: s.conversation, settings: { level: 'deep' } })),
  'settings.edit': ownFrame('settings.fields', (s) => ({ conversationId: s.conversation, values: {} })),
  'draft.update': selfFrame('draft.updated', () => ({ conversationId: null, text: 'Mine' })),
  'draft.update#conversation': ownFrame('draft.updated', (s) => ({ conversationId: s.conversation, text: 'Taken' })),
  'action.invoke': selfFrame('notice', () => ({ actionId: 'sample.count', payload: { text: 'my own words' } })),
  'action.invoke#message': ownFrame('notice', (s) => ({ actionId: 'sample.count', payload: { messageId: s.message } })),
  'action.invoke#unknown': selfFrame('error NOT_FOUND', () => ({ actionId: 'sample.nothing' })),
  'ask.reply': selfFrame('error NOT_FOUND', (s) => ({ askId: s.message, value: 1 })),
  'command.run': anybodysFrame('notice', (_s, { fresh }) => ({ clientMessageId: fresh, name: 'help', args: [] })),
  'command.run#me': selfFrame('notice', (_s, { fresh }) => ({ clientMessageId: fresh, name: 'me', args: [] })),
  'command.run#plugins': selfFrame('notice', (_s, { fresh }) => ({ clientMessageId: fresh, name: 'plugins', args: [] })),
  'command.run#greet': selfFrame('notice', (_s, { fresh }) => ({ clientMessageId: fresh, name: 'greet', args: ['me'] })),
  'command.run#convs': selfFrame('notice', (_s, { fresh }) => ({ clientMessageId: fresh, name: 'convs', args: [] })),
  'command.run#search': selfFrame('notice', (_s, { fresh }) => ({ clientMessageId: fresh, name: 'search', args: [searched] })),
  'command.run#select': ownFrame('notice', (s, { fresh }) => ({ clientMessageId: fresh, name: 'select', args: [s.conversation] })),
  'command.run#rename': ownCommand('notice', 'rename', ['Taken'], (s) => s.conversation),
  'command.run#export': ownCommand('notice', 'export', ['json'], (s) => s.conversation),
  // "Nothing is being written here" is said of a foreign conversation and of an unknown one alike.
  'command.run#stop': {
    ...ownCommand('notice', 'stop', [], (s) => s.runningConversation),
    expected: { owner: 'notice', other: 'notice', admin: 'notice', anonymous: 'error UNAUTHENTICATED', disabled: 'error UNAUTHENTICATED' },
  },
  'command.run#retry': ownCommand('message.accepted', 'retry', [], (s) => s.conversation),
  'command.run#continue': ownCommand('message.accepted', 'continue', [], (s) => s.stoppedConversation),
  'command.run#model': ownCommand('notice', 'model', ['scripted'], (s) => s.conversation),
  'command.run#level': ownCommand('notice', 'level', ['deep'], (s) => s.conversation),
  'command.run#delete': ownCommand('notice', 'delete', [], (s) => s.conversation),
  'message.send#command': ownFrame('notice', (s, { fresh }) => ({
    clientMessageId: fresh,
    conversationId: s.conversation,
    text: '/rename Taken',
  })),
};
