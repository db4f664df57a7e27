import { type Attack, call, frame } from '../support/attack.ts';
import type { Victim } from '../support/victim.ts';

type Init = { readonly method?: string; readonly anonymous?: boolean };

function json(name: string, path: string | ((victim: Victim) => string), text: string, init: Init, ...expected: string[]): Attack {
  const headers: Record<string, string> = init.anonymous === true ? { authorization: 'none' } : {};
  return {
    name,
    expected,
    run: (victim) => call(victim, typeof path === 'string' ? path : path(victim), { method: init.method ?? 'POST', body: text, headers }),
  };
}

const anonymous = { anonymous: true };
const refused = ['400 BAD_REQUEST'];

/** M-NO: operators where values belong. */
export const operators: readonly Attack[] = [
  json('a password that is an operator', '/api/auth/login', '{"email":"ada@example.org","password":{"$ne":null}}', anonymous, ...refused),
  json('an address that is a pattern', '/api/auth/login', '{"email":{"$regex":"^a"},"password":"x"}', anonymous, ...refused),
  json('a list of passwords', '/api/auth/login', '{"email":"ada@example.org","password":["a","b"]}', anonymous, ...refused),
  json('a code that is an operator', '/api/auth/exchange', '{"code":{"$gt":""}}', anonymous, ...refused),
  json('$where as a field', '/api/conversations', '{"$where":"sleep(1000)"}', {}, '201'),
  json(
    '$set as a field',
    (victim) => `/api/conversations/${victim.attacker.conversationId}`,
    '{"$set":{"ownerId":"x"}}',
    { method: 'PATCH' },
    '200',
    '400 BAD_REQUEST',
  ),
  json(
    'a setting of a plugin that is an operator',
    '/api/plugins/imagine/settings',
    '{"values":{"$gt":""}}',
    { method: 'PUT' },
    ...refused,
    '404 NOT_FOUND',
  ),
  json('a plugin that is a path', '/api/plugins/..%2F..%2Fetc/settings', '{"values":{}}', { method: 'PUT' }, '404 NOT_FOUND'),
  json('a key with a dot', '/api/settings', '{"settings":{"a.b":1,"model":null}}', { method: 'PATCH' }, '200'),
  json('a setting that is an operator', '/api/settings', '{"settings":{"model":{"$gt":""}}}', { method: 'PATCH' }, ...refused),
  json(
    'a head that is an operator',
    (victim) => `/api/conversations/${victim.attacker.conversationId}`,
    '{"headId":{"$ne":1}}',
    { method: 'PATCH' },
    ...refused,
  ),
  ...['{"$gt":""}', '["a"]', '1', 'null', '"../x"', '"a b"', '"$ne"', `"${'a'.repeat(65)}"`].map(
    (id): Attack => ({
      name: `the conversation ${id.slice(0, 20)} over the socket`,
      expected: ['error BAD_FRAME'],
      run: (victim) => frame(victim, `{"type":"conversation.open","id":"abuse","conversationId":${id}}`),
    }),
  ),
  ...['__proto__.x', 'constructor.constructor', '.', 'upscale.', 'upscale.__proto__'].map(
    (actionId): Attack => ({
      name: `the action ${actionId}`,
      expected: ['error NOT_FOUND', 'error BAD_FRAME'],
      run: (victim) => frame(victim, JSON.stringify({ type: 'action.invoke', id: 'abuse', actionId })),
    }),
  ),
  {
    name: 'a resume of {"$gt":""}',
    expected: ['error BAD_FRAME'],
    run: (victim) =>
      frame(victim, '{"type":"hello","id":"abuse","version":1,"resume":[{"generationId":{"$gt":""},"epoch":"x","afterSeq":0}]}'),
  },
];

const polluted = [
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"title":"x","__proto__":{"role":"admin"}}',
  '{"a":{"b":[{"__proto__":{"x":1}}]}}',
];

/** M-PP: keys that would reach every object. */
export const pollution: readonly Attack[] = [
  ...polluted.map((text) => json(text, '/api/conversations', text, {}, ...refused)),
  ...polluted.map((text) => json(`as settings: ${text}`, '/api/settings', `{"settings":${text}}`, { method: 'PATCH' }, ...refused)),
  ...polluted.map(
    (text): Attack => ({
      name: `as a frame: ${text}`,
      expected: ['error BAD_FRAME'],
      run: (victim) => frame(victim, `{"type":"settings.update","id":"abuse","settings":${text}}`),
    }),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'HELLO', 'hello\u0000'].map(
    (type): Attack => ({
      name: `the frame type ${JSON.stringify(type)}`,
      expected: ['error BAD_FRAME'],
      run: (victim) => frame(victim, { type }),
    }),
  ),
];

/** M-ID: what belongs to somebody else, and fields that nobody may set. */
export const ownership: readonly Attack[] = [
  json(
    'another one’s conversation, renamed',
    (victim) => `/api/conversations/${victim.bystander.conversationId}`,
    '{"title":"mine"}',
    { method: 'PATCH' },
    '404 NOT_FOUND',
  ),
  json(
    'another one’s message, praised',
    (victim) => `/api/messages/${victim.bystander.messageId}/feedback`,
    '{"value":1}',
    {},
    '404 NOT_FOUND',
  ),
  ...[
    { type: 'conversation.open', field: 'conversationId' as const },
    { type: 'generation.stop', field: 'generationId' as const },
    { type: 'generation.attach', field: 'generationId' as const },
    { type: 'message.regenerate', field: 'messageId' as const },
    { type: 'message.continue', field: 'messageId' as const },
    { type: 'message.edit', field: 'messageId' as const },
    { type: 'message.send', field: 'conversationId' as const },
    { type: 'settings.update', field: 'conversationId' as const },
  ].map(
    ({ type, field }): Attack => ({
      name: `${type} on what another one owns`,
      expected: ['error NOT_FOUND'],
      run: (victim) =>
        frame(victim, {
          type,
          [field]: victim.bystander[field],
          clientMessageId: `id-${type.replace('.', '-')}`,
          text: 'x',
          afterSeq: 0,
          settings: {},
        }),
    }),
  ),
  {
    name: 'a resume of another one’s generation',
    expected: ['welcome'],
    run: (victim) =>
      frame(victim, { type: 'hello', version: 1, resume: [{ generationId: victim.bystander.generationId, epoch: 'x', afterSeq: 0 }] }),
  },
  json(
    'an owner, a role and a date in a new conversation',
    '/api/conversations',
    '{"title":"x","ownerId":"other","id":"mine","role":"admin","createdAt":"1970-01-01"}',
    {},
    '201',
  ),
  {
    name: 'a message from the system',
    expected: ['error NOT_FOUND'],
    run: (victim) =>
      frame(victim, {
        type: 'message.edit',
        clientMessageId: 'edit-1',
        messageId: victim.bystander.messageId,
        text: 'x',
        role: 'system',
        ownerId: victim.bystander.email,
      }),
  },
];
