import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as protocol from '../../src/protocol/index.ts';

/*
 * docs/protocol.md against src/protocol and the routes: what one of them has and the other has not fails here. Tables are read
 * by their first column; a name with `?` behind it may be absent.
 */

const page = readFileSync('docs/protocol.md', 'utf8');

type Row = readonly string[];

/** The cells of the first table below a heading. */
function tableUnder(heading: string): Row[] {
  const lines = page.split('\n');
  const start = lines.indexOf(heading);
  expect(start, `the page has the heading "${heading}"`).toBeGreaterThanOrEqual(0);
  const below = lines.slice(start + 1);
  const end = below.findIndex((line) => line.startsWith('#'));
  const rows = below.slice(0, end < 0 ? undefined : end).filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks in a cell. */
function codesIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** The names at the beginning of a cell, without the values that are named in brackets behind some of them. */
function namesIn(cell: string | undefined): string[] {
  return codesIn((cell ?? '').replaceAll(/\([^)]*\)|:.*$/g, '')).sort();
}

/** The fields of an object as the page writes them. */
function fieldsOf(schema: z.ZodObject, without: readonly string[] = []): string[] {
  return Object.entries(schema.shape)
    .filter(([name]) => !without.includes(name))
    .map(([name, field]) => (z.safeParse(field, undefined).success ? `${name}?` : name))
    .sort();
}

function byType(options: readonly z.ZodObject[], without: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(options.map((option) => [typeOf(option), fieldsOf(option, ['type', ...without])]));
}

function typeOf(option: z.ZodObject): string {
  const { type } = option.shape;
  if (!(type instanceof z.ZodLiteral)) throw new Error('an option without a literal type');
  return String(type.value);
}

function documented(heading: string): Record<string, string[]> {
  return Object.fromEntries(tableUnder(heading).map((row) => [codesIn(row[0])[0] ?? '', namesIn(row[1])]));
}

/** Every name under `properties`, at any depth of a JSON schema. */
function namesDeepIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...new Set([...own, ...Object.values(schema).flatMap(namesDeepIn)])];
}

describe('docs/protocol.md', () => {
  it('names every frame from the client with its fields, and no other', () => {
    expect(documented('### Frames from the client')).toEqual(byType(protocol.clientFrameSchema.options, ['id']));
  });

  it('names every frame from the server with its fields, and no other', () => {
    expect(documented('### Frames from the server')).toEqual(byType(protocol.serverFrameSchema.options, []));
  });

  it('names every type of part with its fields, and no other', () => {
    expect(documented('### Part')).toEqual(byType(protocol.partSchema.options, []));
  });

  it.each([
    ['frames from clients', protocol.clientFrameSchema],
    ['frames from the server', protocol.serverFrameSchema],
  ])('leaves no field out, however deep it lies in %s', (_where, schema) => {
    const prose = page.replaceAll(/```[\s\S]*?```/g, '');
    const missing = namesDeepIn(z.toJSONSchema(schema, { unrepresentable: 'any' })).filter(
      (name) => !new RegExp(`\\b${name}\\b`).test(prose),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    ['### User', protocol.userSchema],
    ['### Session', protocol.sessionInfoSchema],
    ['### Account', protocol.accountInfoSchema],
    ['### Conversation', protocol.conversationSchema],
    ['### Message', protocol.messageSchema],
    ['### Usage', protocol.usageSchema],
    ['### UsageReport', protocol.usageReportSchema],
    ['### Finding', protocol.findingSchema],
    ['### Error', protocol.errorShapeSchema],
    ['### File', protocol.fileSchema],
    ['### Model', protocol.modelInfoSchema],
    ['### Plugin', protocol.pluginInfoSchema],
    ['### Command', protocol.commandInfoSchema],
    ['### Folder', protocol.folderSchema],
    ['### Prompt', protocol.promptSchema],
    ['### Favourite', protocol.favouriteSchema],
    ['### Share', protocol.shareSchema],
    ['### SharedView', protocol.sharedViewSchema],
    ['### Settings', protocol.settingsSchema],
    ['### Field', protocol.fieldSchema],
    ['### Surface', protocol.surfaceInfoSchema],
    ['### Overview', protocol.overviewSchema],
    ['### Running', protocol.runningSchema],
    ['### Job', protocol.jobSchema],
    ['### GalleryItem', protocol.galleryItemSchema],
    ['## Limits', protocol.limitsSchema],
  ])('names the fields under "%s"', (heading, schema) => {
    const names = tableUnder(heading).flatMap((row) => codesIn(row[0]));
    expect(names.sort()).toEqual(fieldsOf(schema));
  });

  it('lists no field in braces that does not exist', () => {
    const schemas = [
      protocol.clientFrameSchema,
      protocol.serverFrameSchema,
      protocol.fileSchema,
      protocol.accountInfoSchema,
      protocol.pluginInfoSchema,
    ];
    const known = new Set(schemas.flatMap((schema) => namesDeepIn(z.toJSONSchema(schema, { unrepresentable: 'any' }))));
    // Of REST answers and of `data`, which have no schema.
    for (const name of ['items', 'token', 'expiresAt', 'file', 'reasons', 'scope', 'filename', 'content', 'number', 'command', 'account'])
      known.add(name);
    for (const name of [
      'jobId',
      'links',
      'durability',
      'plugin',
      'plugins',
      'imported',
      'conversations',
      'messages',
      'files',
      'skipped',
      'share',
      'folder',
      'folders',
      'prompts',
    ])
      known.add(name);
    const inBraces = codesIn(page.replaceAll(/```[\s\S]*?```/g, '')).filter((code) => code.startsWith('{'));
    const names = inBraces.flatMap((code) => [...code.matchAll(/\b[a-z][A-Za-z]*\b/g)].map((match) => match[0]));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('names every error code with its status, and whether to try again', () => {
    const rows = tableUnder('## Error codes').map(([code, status, again]) => [codesIn(code)[0], Number(status), again]);
    const table = Object.entries(protocol.errorTable).map(([code, { status, retryable }]) => [code, status, retryable ? 'yes' : 'no']);
    expect(rows).toEqual(table);
  });

  it('names every close code', () => {
    const rows = tableUnder('### Close codes').map(([code, name]) => [codesIn(name)[0], Number(code)]);
    expect(rows).toEqual(Object.entries(protocol.closeCodes));
  });

  it('names every notice code with the parameters of its sentence', () => {
    const rows = tableUnder('## Notice codes').map(([code, params]) => [
      codesIn(code)[0],
      namesIn(params).filter((name) => !name.endsWith('?')),
    ]);
    const table = Object.entries(protocol.noticeTable).map(([code, text]) => [
      code,
      [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort(),
    ]);
    expect(rows).toEqual(table);
  });

  it('speaks of no frame and no code that does not exist', () => {
    const prose = page.replaceAll(/```[\s\S]*?```/g, '');
    const frames: string[] = [...protocol.clientFrameSchema.options, ...protocol.serverFrameSchema.options].map(typeOf);
    const areas = new Set(frames.filter((type) => type.includes('.')).map((type) => type.split('.')[0]));
    const spokenOf = codesIn(prose).filter((code) => /^[a-z]+\.[a-z]+$/.test(code) && areas.has(code.split('.')[0]));
    expect(spokenOf.filter((code) => !frames.includes(code))).toEqual([]);

    const codes: string[] = [...protocol.errorCodes, ...protocol.noticeCodes];
    // Words of models and variables of the environment look alike.
    const others =
      /^(STOP|MAX_TOKENS|SAFETY|CSS|PDF|JSON|HTTP|REST|CORS|UTC|GET|POST|PUT|PATCH|DELETE|HEAD|PNG|JPEG|ISO|UTF|SHA|HTTPS|SESSION_DAYS|SIGNUP|PUBLIC_URL|ALLOWED_HOSTS|CLIENT_IP|LIMIT_[A-Z_]+|GIF)$/;
    const upper = [...prose.matchAll(/\b[A-Z][A-Z_]{2,}\b/g)].map((match) => match[0]);
    expect(upper.filter((word) => !codes.includes(word) && !others.test(word))).toEqual([]);

    const numbers = [...prose.matchAll(/(?<![-\d])4[0-4]\d\d(?![-\d])/g)].map((match) => Number(match[0]));
    const known: number[] = Object.values(protocol.closeCodes);
    expect(numbers.filter((number) => !known.includes(number))).toEqual([]);
  });
});

/** `METHOD /path` of every route that the files of the HTTP edge declare. */
function declaredRoutes(): string[] {
  const folder = 'src/gateway/http';
  const files = readdirSync(folder).filter((name) => name.endsWith('-routes.ts'));
  return files.flatMap((name) => {
    const source = readFileSync(`${folder}/${name}`, 'utf8');
    const direct = [...source.matchAll(/router\.(get|post|put|patch|delete)\('([^']+)'/g)].map(([, method, path]) => ({ method, path }));
    const chained = source
      .split('.route(')
      .slice(1)
      .flatMap((chain) => {
        const path = /^'([^']+)'/.exec(chain)?.[1];
        return [...chain.matchAll(/^ {4}\.(get|post|put|patch|delete)\(/gm)].map((match) => ({ method: match[1], path }));
      });
    return [...direct, ...chained].map(({ method, path }) => `${method?.toUpperCase()} ${path}`);
  });
}

/** The schema by which each route reads its body or query. */
const requests: Readonly<Record<string, z.ZodObject>> = {
  'POST /api/auth/signup': protocol.signupBodySchema,
  'POST /api/auth/login': protocol.loginBodySchema,
  'POST /api/auth/exchange': protocol.exchangeBodySchema,
  'POST /api/auth/password': protocol.passwordBodySchema,
  'GET /api/conversations': protocol.conversationListQuerySchema,
  'POST /api/conversations': protocol.conversationCreateBodySchema,
  'PATCH /api/conversations/:id': protocol.conversationPatchBodySchema,
  'POST /api/conversations/:id/fork': protocol.forkBodySchema,
  'POST /api/folders': protocol.folderBodySchema,
  'PATCH /api/folders/:id': protocol.folderPatchBodySchema,
  'GET /api/prompts': protocol.pageQuerySchema,
  'POST /api/prompts': protocol.promptBodySchema,
  'PATCH /api/prompts/:id': protocol.promptPatchBodySchema,
  'GET /api/favourites': protocol.pageQuerySchema,
  'GET /api/trash': protocol.pageQuerySchema,
  'GET /api/conversations/:id/messages': protocol.messageListQuerySchema,
  'GET /api/conversations/:id/export': protocol.exportQuerySchema,
  'POST /api/conversations/:id/shares': protocol.shareBodySchema,
  'GET /api/shares': protocol.pageQuerySchema,
  'GET /api/shared/:id': protocol.sharedQuerySchema,
  'POST /api/messages/:id/feedback': protocol.feedbackBodySchema,
  'PATCH /api/settings': protocol.settingsBodySchema,
  'GET /api/readme': protocol.readmeQuerySchema,
  'GET /api/jobs': protocol.jobListQuerySchema,
  'POST /api/jobs': protocol.jobCreateBodySchema,
  'GET /api/gallery': protocol.galleryQuerySchema,
  'PUT /api/plugins/:name/settings': protocol.pluginSettingsBodySchema,
  'PATCH /api/admin/plugins/:name': protocol.pluginPatchBodySchema,
  'GET /api/account/export': protocol.accountExportQuerySchema,
  'GET /api/admin/users': protocol.accountListQuerySchema,
  'PATCH /api/admin/users/:id': protocol.accountPatchBodySchema,
};

describe('the REST table', () => {
  const rows = tableUnder('## REST').map((row) => ({ route: codesIn(row[0])[0] ?? '', fields: namesIn(row[2]) }));

  it('names every route of src/gateway/http, and no other', () => {
    expect(rows.map(({ route }) => route).sort()).toEqual(declaredRoutes().sort());
  });

  it('names the fields of every body and query', () => {
    const described = Object.fromEntries(rows.filter(({ route }) => route in requests).map(({ route, fields }) => [route, fields]));
    expect(described).toEqual(Object.fromEntries(Object.entries(requests).map(([route, schema]) => [route, fieldsOf(schema)])));
  });

  it('leaves no schema of a body or query out', () => {
    const schemas = Object.entries(protocol).filter(([name]) => /(Body|Query)Schema$/.test(name));
    const used = new Set<unknown>(Object.values(requests));
    expect(schemas.filter(([, schema]) => !used.has(schema)).map(([name]) => name)).toEqual([]);
  });
});

describe('the session in real frames', () => {
  const lines = [...page.matchAll(/^(->|<-) (\{.*\})$/gm)].map(([, direction, text]) => ({
    direction,
    frame: JSON.parse(text ?? '') as unknown,
  }));

  it('holds frames that fit the schemas, nothing in them unknown', () => {
    expect(lines.length).toBeGreaterThan(10);
    for (const { direction, frame } of lines) {
      const schema = direction === '->' ? protocol.clientFrameSchema : protocol.serverFrameSchema;
      expect(schema.parse(frame)).toEqual(frame);
    }
  });

  it('folds to the text that its hash names, across the cut', () => {
    let seq = 0;
    let text = '';
    let hash = '';
    for (const { direction, frame } of lines) {
      if (direction === '->') continue;
      const parsed = protocol.serverFrameSchema.parse(frame);
      if (parsed.type !== 'generation.delta' && parsed.type !== 'generation.finished') continue;
      expect(parsed.seq - parsed.count, 'events follow each other').toBe(seq);
      seq = parsed.seq;
      if (parsed.type === 'generation.delta') text += parsed.text;
      else hash = parsed.textSha256;
    }
    expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
  });
});
