import { readFile } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../public/app/import/chat-lines.ts';
import { type ConvertedExport, convertExport, ExportRefused } from '../../../public/app/import/convert-export.ts';
import { createJsonItems } from '../../../public/app/import/json-items.ts';
import { type AccountLine, accountLineSchema, type LineOf } from '../../../src/services/portability/account-lines.ts';

const now = Date.UTC(2026, 10, 22);
const words = { picture: '[picture {name}]', file: '[file {name}]', tool: '[tool {name}]', other: '[left out: {name}]' };
const options = { textBytes: 49_152, now, words };
const fixture = (name: string) => readFile(`test/fixtures/exports/${name}.json`, 'utf8');

async function convert(content: string | Uint8Array<ArrayBuffer>, more: Partial<typeof options> = {}) {
  const converted = await convertExport(new Blob([content]), { ...options, ...more });
  const text = await converted.lines.text();
  // The server's own schema judges each line.
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): AccountLine => accountLineSchema.parse(JSON.parse(line)));
  return { converted, text, lines };
}

/** The messages of a conversation as a person sees them: who, what, and what it answers. */
function told(lines: readonly AccountLine[], title: string) {
  const conversation = lines.find((line): line is LineOf<'conversation'> => line.type === 'conversation' && line.title === title);
  const messages = lines.filter((line): line is LineOf<'message'> => line.type === 'message' && line.conversationId === conversation?.id);
  const place = (id: string | null) => messages.findIndex((message) => message.id === id);
  return messages.map(({ role, parts, parentId, head, model }) => ({
    role,
    said: parts.map((part) => (part.type === 'text' ? part.text : part.type === 'thought' ? `(${part.text})` : part.type)).join(' | '),
    after: place(parentId),
    ...(model === undefined ? {} : { model }),
    ...(head === true ? { head } : {}),
  }));
}

const leftOf = ({ left }: ConvertedExport) => Object.fromEntries(Object.entries(left).filter(([, count]) => count > 0));

describe('an export of another program', () => {
  it('of ChatGPT keeps branches, thoughts, code and times, joins the pieces of an answer, and notes what it leaves out', async () => {
    const { converted, text, lines } = await convert(await fixture('chatgpt-conversations'));
    expect(converted).toMatchObject({ format: 'chatgpt', conversations: 1, messages: 5, from: '2025-01-07T00:23:20.500Z' });
    expect(leftOf(converted)).toEqual({ picture: 1, file: 1, tool: 1, empty: 1 });
    expect(told(lines, 'سلام و مرتب‌سازی')).toEqual([
      { role: 'user', said: '[picture]\n\nWhat is in the picture?\n\n[file notes.pdf]', after: -1 },
      { role: 'assistant', said: 'A cat.', after: 0, model: 'gpt-4o' },
      {
        role: 'assistant',
        said: '(Looking\n\nIt has ears.) | ```python\nprint(1 + 1)\n```\n\n```\n2\n```\n\n[tool browser]\n\nTwo cats.',
        after: 0,
        model: 'o3',
      },
      { role: 'user', said: 'متشکرم', after: 2 },
      { role: 'assistant', said: 'خواهش می‌کنم', after: 3, model: 'gpt-4o', head: true },
    ]);
    expect(text).not.toContain('SECRET PROFILE');
    const [conversation] = lines;
    expect(conversation).toMatchObject({
      createdAt: '2025-01-07T00:23:20.500Z',
      updatedAt: '2025-01-07T00:30:00.250Z',
      titledBy: 'person',
    });
  });

  it('of Claude keeps branches, thoughts, documents and attached texts', async () => {
    const { converted, lines } = await convert(await fixture('claude-conversations'));
    expect(converted).toMatchObject({ format: 'claude', conversations: 2, messages: 6 });
    expect(leftOf(converted)).toEqual({ picture: 1, file: 1, tool: 1 });
    expect(told(lines, 'Report')).toEqual([
      { role: 'user', said: 'Write a report\n\ndata.csv\n\n```\na,b\n1,2\n```\n\n[picture chart.png]', after: -1 },
      { role: 'assistant', said: 'First try', after: 0 },
      { role: 'assistant', said: '(Two columns.) | [tool web_search]\n\n**Report**\n\n```\n# Report\nDone.\n```\n\nHere it is.', after: 0 },
      { role: 'user', said: 'Thanks\n\n[file more.docx]', after: 2, head: true },
    ]);
    expect(told(lines, 'Old and plain').map(({ said }) => said)).toEqual(['Hi', 'Hello!']);
  });

  it('of Open WebUI keeps branches and thoughts, also of its old form', async () => {
    const { converted, lines } = await convert(await fixture('open-webui-chats'));
    expect(converted).toMatchObject({ format: 'open-webui', conversations: 2, messages: 6 });
    expect(leftOf(converted)).toEqual({ picture: 1, file: 1 });
    expect(told(lines, '🌍 Capitals')).toEqual([
      { role: 'user', said: 'Capital of Iran?\n\n[picture]\n\n[file map.pdf]', after: -1 },
      { role: 'assistant', said: 'Shiraz', after: 0, model: 'llama3' },
      { role: 'assistant', said: '(Not Shiraz.) | Tehran', after: 0, model: 'qwen' },
      { role: 'user', said: 'ممنون', after: 2, head: true },
    ]);
    expect(told(lines, 'Old').map(({ said }) => said)).toEqual(['One', 'Two']);
  });

  it('gives the same ids each time, from the archive as from the file in it, and also when it has grown', async () => {
    const file = await fixture('chatgpt-conversations');
    const plain = await convert(file);
    const archive = zipSync({ 'chat.html': strToU8('<html>'), 'user.json': strToU8('{}'), 'export/conversations-000.json': strToU8(file) });
    expect((await convert(new Uint8Array(archive))).text).toBe(plain.text);
    const grown = JSON.parse(file) as { mapping: Record<string, { children: string[] }> }[];
    const [conversation] = grown;
    conversation?.mapping['u3']?.children.push('later');
    Object.assign(conversation?.mapping ?? {}, {
      later: { parent: 'u3', children: [], message: { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['New'] } } },
    });
    const ids = (lines: readonly AccountLine[]) => lines.flatMap((line) => (line.type === 'message' ? [line.id] : []));
    const before = ids(plain.lines);
    const after = ids((await convert(JSON.stringify(grown))).lines);
    expect(after.filter((id) => before.includes(id))).toEqual(before);
    expect(after).toHaveLength(before.length + 1);
  });

  it('stands in the order in which it was said, whatever the clocks of the file say', () => {
    const message = (id: string, parentId: string | null, time: number | null) => ({
      ...{ id, parentId, role: 'user' as const, time, parts: [{ type: 'text' as const, text: id }] },
    });
    const messages = [message('a', null, 5000), message('b', 'a', 1000), message('c', 'b', null), message('d', 'c', now + 1e9)];
    const conversation = { id: 'x', title: '', createdAt: 4000, updatedAt: null, messages, headId: 'd' };
    const ids = linesOf('claude', conversation, { textBytes: 0, now }).map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids.slice(1)).toEqual(ids.slice(1).sort());
  });

  it('cuts what is longer than a message may be into messages that follow each other, and loses nothing', async () => {
    const long = `${'سطر بلند با "نقل" 🌍\n'.repeat(400)}end`;
    const chat = [
      { uuid: 'c', name: 'Long', created_at: '2025-01-01T00:00:00Z', chat_messages: [{ uuid: 'm', sender: 'human', text: long }] },
    ];
    const { lines } = await convert(JSON.stringify(chat), { textBytes: 4096 });
    const messages = lines.filter((line): line is LineOf<'message'> => line.type === 'message');
    const texts = messages.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''));
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join('')).toBe(long);
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(messages.map(({ parentId }) => parentId)).toEqual([null, ...messages.slice(0, -1).map(({ id }) => id)]);
    expect(messages.map(({ head }) => head === true)).toEqual(messages.map((_, index) => index === messages.length - 1));
  });

  it('with halves of characters, controls and fences in its texts becomes lines that a server takes', async () => {
    const text = 'half \ud83d and \u0000 control, private \ue123';
    const chat = [
      {
        id: 'c',
        title: `t\ud83d${'x'.repeat(300)}`,
        create_time: 1,
        mapping: { n: { parent: null, message: { author: { role: 'user' }, content: { content_type: 'text', parts: [text] } } } },
      },
    ];
    const { lines } = await convert(JSON.stringify(chat));
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toMatch(/\\ud83d|\\u0000/);
  });

  it.each([
    ['unknown', '[{"hello":1}]'],
    ['unknown', '{"hello":1}'],
    ['unknown', '[]'],
    ['unknown', 'hello'],
    ['unknown', ''],
    ['broken', '[{"mapping":{}}'],
    ['broken', '[{"mapping":{}}] x'],
    ['broken', '[{"mapping":{]]}]'],
    ['empty', '[{"id":"a","mapping":{}}]'],
    ['unreadable as empty', '[{"mapping":{"a":{"parent":"b"},"b":{"parent":"a"}}}]'],
  ])('is refused as %s when it is %s', async (reason, content) => {
    const error = await convertExport(new Blob([content]), options).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ExportRefused);
    expect(error).toHaveProperty('reason', reason.replace('unreadable as ', ''));
  });

  it('is refused when its archive is damaged, or holds no conversations', async () => {
    const reasonOf = (bytes: Uint8Array) =>
      convertExport(new Blob([new Uint8Array(bytes)]), options).catch((cause: unknown) =>
        cause instanceof ExportRefused ? cause.reason : cause,
      );
    const archive = zipSync({ 'conversations.json': strToU8(await fixture('chatgpt-conversations')) });
    expect(await reasonOf(archive.slice(0, 600))).toBe('broken');
    expect(await reasonOf(zipSync({ 'user.json': strToU8('{}') }))).toBe('unknown');
  });
});

describe('a big array', () => {
  it('is read thing by thing, wherever its chunks are cut', () => {
    const things = [{ a: '}{][\\"' }, { b: { c: [1, { d: 'سلام 🌍' }] } }, { e: 'x\\' }];
    const bytes = strToU8(`\ufeff [${things.map((each) => JSON.stringify(each)).join(' ,\n')}, 3, "}"] `);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const found: unknown[] = [];
      const items = createJsonItems((item) => found.push(item));
      for (let at = 0; at < bytes.length; at += size) items.push(bytes.subarray(at, at + size));
      items.end();
      expect(found).toEqual(things);
    }
  });
});
