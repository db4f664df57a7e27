import { type Attack, bytes, frame, handshake } from '../support/attack.ts';

const big = 'a'.repeat(70_000);

function text(name: string, payload: string, ...expected: string[]): Attack {
  return { name, expected: expected.length === 0 ? ['error BAD_FRAME'] : expected, run: (victim) => frame(victim, payload) };
}

/** M-WS, after the handshake. */
export const frames: readonly Attack[] = [
  text('{bad', '{bad'),
  text('nothing', ''),
  text('null', 'null'),
  text('a list', '[]'),
  text('a number', '1'),
  text('a list 20,000 deep', '['.repeat(20_000)),
  text('an object 64 KiB deep', '{"a":'.repeat(10_000)),
  text('a known type without its fields', '{"type":"message.send"}'),
  text('a text that is a number', '{"type":"message.send","clientMessageId":"a","conversationId":null,"text":1}'),
  text('a text that is a list', '{"type":"message.send","clientMessageId":"a","conversationId":null,"text":["x"]}'),
  text(
    '17 attachments',
    JSON.stringify({ type: 'message.send', clientMessageId: 'a', conversationId: null, text: 'x', attachments: Array(17).fill('f') }),
  ),
  text(
    '49 KiB of text',
    JSON.stringify({ type: 'message.send', id: 'abuse', clientMessageId: 'long-1', conversationId: null, text: 'a'.repeat(49 * 1024 + 1) }),
    'error TOO_LARGE',
  ),
  text(
    'a text of nothing but spaces',
    JSON.stringify({ type: 'message.send', id: 'abuse', clientMessageId: 'blank-1', conversationId: null, text: ' \n\t\u200b ' }),
    'error BAD_REQUEST',
    'message.accepted',
  ),
  text('an answer to a question nobody asked', '{"type":"ask.reply","id":"abuse","askId":"x","value":1}', 'error NOT_FOUND'),
  text('an action that nobody offered', '{"type":"action.invoke","id":"abuse","actionId":"x"}', 'error NOT_FOUND'),
  text(
    'a model that does not exist',
    '{"type":"message.send","id":"abuse","clientMessageId":"model-1","conversationId":null,"text":"x","model":"../../x"}',
    'error BAD_REQUEST',
  ),
  text(
    'a parent that does not exist',
    '{"type":"message.send","id":"abuse","clientMessageId":"parent-1","conversationId":null,"text":"x","parentId":"nobody"}',
    'error NOT_FOUND',
    'error BAD_REQUEST',
  ),
  text(
    'a file that does not exist',
    '{"type":"message.send","id":"abuse","clientMessageId":"file-1","conversationId":null,"text":"x","attachments":["nobody"]}',
    'error NOT_FOUND',
  ),
  text(
    'an attach beyond the top',
    '{"type":"generation.attach","id":"abuse","generationId":"nobody","afterSeq":9007199254740991}',
    'error NOT_FOUND',
  ),
  text('an attach from before the beginning', '{"type":"generation.attach","id":"abuse","generationId":"x","afterSeq":-1}'),
  text('an attach from the middle of an event', '{"type":"generation.attach","id":"abuse","generationId":"x","afterSeq":1.5}'),
  text(
    'a draft that may hold a password',
    '{"type":"draft.update","id":"abuse","conversationId":null,"text":"/login a b"}',
    'error BAD_REQUEST',
    'draft.updated',
  ),
  text(
    'a draft of 60 KiB',
    JSON.stringify({ type: 'draft.update', id: 'abuse', conversationId: null, text: 'a'.repeat(60 * 1024) }),
    'error TOO_LARGE',
  ),
  text('a draft for nobody’s conversation', '{"type":"draft.update","id":"abuse","conversationId":"nobody","text":"x"}', 'error NOT_FOUND'),
  text('more than 64 KiB', big, 'close 1009'),
  { name: 'binary data', expected: ['close 1003'], run: (victim) => frame(victim, Buffer.from('{}')) },
  {
    name: 'bytes that are not UTF-8',
    expected: ['close 1007'],
    run: (victim) => bytes(victim, (socket) => socket.frame(Buffer.from([0xff, 0xfe]))),
  },
  {
    name: 'an unmasked frame',
    expected: ['close 1002'],
    run: (victim) => bytes(victim, (socket) => socket.frame('{}', { masked: false })),
  },
  { name: 'reserved bits', expected: ['close 1002'], run: (victim) => bytes(victim, (socket) => socket.frame('{}', { first: 0xf1 })) },
  { name: 'a reserved opcode', expected: ['close 1002'], run: (victim) => bytes(victim, (socket) => socket.frame('{}', { first: 0x83 })) },
  {
    name: 'a compressed frame though none was agreed',
    expected: ['close 1002'],
    run: (victim) => bytes(victim, (socket) => socket.frame('{}', { first: 0xc1 })),
  },
  {
    name: 'a ping of 126 bytes',
    expected: ['close 1002'],
    run: (victim) => bytes(victim, (socket) => socket.frame(Buffer.alloc(126), { first: 0x89 })),
  },
  { name: 'a fragmented ping', expected: ['close 1002'], run: (victim) => bytes(victim, (socket) => socket.frame('x', { first: 0x09 })) },
  {
    name: 'a continuation of nothing',
    expected: ['close 1002'],
    run: (victim) => bytes(victim, (socket) => socket.frame('x', { first: 0x80 })),
  },
  ...[1005, 1006, 999, 5000, 0].map(
    (code): Attack => ({
      name: `the close code ${code}`,
      expected: ['close 1002'],
      run: (victim) => bytes(victim, (socket) => socket.frame(Buffer.from([code >> 8, code & 255]), { first: 0x88 })),
    }),
  ),
  {
    name: 'a close reason of 124 bytes',
    expected: ['close 1002'],
    run: (victim) =>
      bytes(victim, (socket) => socket.frame(Buffer.concat([Buffer.from([3, 232]), Buffer.alloc(124, 97)]), { first: 0x88 })),
  },
  {
    name: 'a close reason that is not UTF-8',
    expected: ['close 1007', 'close 1002'],
    run: (victim) => bytes(victim, (socket) => socket.frame(Buffer.from([3, 232, 0xff]), { first: 0x88 })),
  },
];

function shake(name: string, options: Parameters<typeof handshake>[1], ...expected: string[]): Attack {
  return { name, expected, run: (victim) => handshake(victim, options) };
}

/** M-WS, the handshake. */
export const handshakes: readonly Attack[] = [
  ...['/ws/../admin', '/%77s', '//ws', '/ws/', '/WS', '/ws%00', '/ws;x=1'].map((path) => shake(`the path ${path}`, { path }, '404', '400')),
  ...[
    'https://evil.example',
    'null',
    'file://',
    'https://127.0.0.1.evil.example',
    'http://localhost.',
    'HTTP://127.0.0.1',
    'http://127.0.0.1:1',
    'javascript:alert(1)',
    'http://127.0.0.1@evil.example',
    ' ',
  ].map((origin) => shake(`the origin ${origin}`, { headers: { Origin: origin } }, '403')),
  shake('an extension called constructor', { headers: { 'Sec-WebSocket-Extensions': 'constructor' } }, '101', '400'),
  shake('deflate', { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' } }, '101'),
  shake('an old version', { headers: { 'Sec-WebSocket-Version': '7' } }, '400', '426'),
  shake('a short key', { headers: { 'Sec-WebSocket-Key': 'x' } }, '400'),
  shake('a protocol nobody asked for', { headers: { 'Sec-WebSocket-Protocol': 'a,a,__proto__' } }, '101', '400'),
  shake('an upgrade to something else', { headers: { Upgrade: '__proto__' } }, '404', '400'),
  shake('a token in the address', { path: '/ws?token=CANARYquery' }, '101'),
  shake('2,001 headers', { headers: Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`X-${index}`, 'y'])) }, '431', '101'),
];
