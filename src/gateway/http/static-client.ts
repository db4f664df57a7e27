import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { pageAddresses } from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';

const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

const packings = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
] as const;

type Encoding = 'identity' | (typeof packings)[number]['encoding'];

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly bodies: ReadonlyMap<Encoding, Buffer>;
}

/**
 * The built client, by exact name from a list made at start: no address can reach another file. Files are read when
 * first asked for and kept in memory. `/`, `/c/:id`, `/s/:id`, `/archive`, `/trash`, `/jobs`, `/gallery`, `/admin`,
 * `/admin/people`, `/doctor` and `/plugins` give the page.
 */
export function createStaticClient(directory: string): RequestHandler {
  let names = listFiles(directory);
  let builtAt = buildTime(directory);
  const loaded = new Map<string, Promise<Asset>>();
  const router = Router();
  const onlyGet = methodNotAllowed('GET');

  function load(name: string): Promise<Asset> {
    let asset = loaded.get(name);
    if (asset === undefined) {
      asset = readAsset(directory, name, names);
      loaded.set(name, asset);
      asset.catch(() => loaded.delete(name));
    }
    return asset;
  }

  /** A new build under a running server (`npm run dev`) brings new names: the page must not ask for files that are gone. */
  function refresh(): void {
    const now = buildTime(directory);
    if (now === builtAt) return;
    builtAt = now;
    names = listFiles(directory);
    loaded.clear();
  }

  const servePage: RequestHandler = async (request, response) => {
    refresh();
    // A shared copy is for who has the link, not for who searches.
    if (request.path.startsWith('/s/')) response.setHeader('X-Robots-Tag', 'noindex, nofollow, noarchive');
    if (!names.has('index.html')) {
      response.status(503).type('text/plain').send('The web client is not built yet: run "npm run build" and start again.\n');
      return;
    }
    send(request, response, await load('index.html'), 'no-cache');
  };

  router
    .route(['/', '/index.html', '/c/:id', '/s/:id', ...Object.values(pageAddresses)])
    .get(servePage)
    .all(onlyGet);
  router.use(async (request, response, next) => {
    const name = request.path.slice(1);
    if (!isPublic(name) || !names.has(name)) next();
    else if (request.method !== 'GET' && request.method !== 'HEAD') onlyGet(request, response, next);
    // Vite puts what has a hash in its name under assets/: it never changes.
    else send(request, response, await load(name), name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  });
  router.use(async (request, response, next) => {
    const navigates = request.method === 'GET' && /\btext\/html\b/.test(request.headers.accept ?? '');
    if (!navigates || extname(request.path) !== '' || !names.has('index.html')) next();
    // Somebody followed an old link: the page says so in their language. Programs get the error as JSON.
    else send(request, response.status(404), await load('index.html'), 'no-store');
  });
  return router;
}

function isPublic(name: string): boolean {
  const known = types.has(extname(name));
  return known && !name.split('/').some((segment) => segment.startsWith('.'));
}

/** When the page was built, in milliseconds; 0 without one. */
function buildTime(directory: string): number {
  return statSync(join(directory, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function listFiles(directory: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return new Set(files.map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')));
  } catch {
    // Not built: the page says so.
    return new Set();
  }
}

async function readAsset(directory: string, name: string, names: ReadonlySet<string>): Promise<Asset> {
  const plain = await readFile(join(directory, name));
  const bodies = new Map<Encoding, Buffer>([['identity', plain]]);
  for (const { encoding, ending } of packings) {
    if (names.has(name + ending)) bodies.set(encoding, await readFile(join(directory, name + ending)));
  }
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { type: types.get(extname(name)) ?? 'application/octet-stream', etag, bodies };
}

function send(request: Request, response: Response, asset: Asset, cacheControl: string): void {
  const encoding = encodingFor(request, asset);
  const etag = `"${asset.etag}${encoding === 'identity' ? '' : `-${encoding}`}"`;
  response.set({ 'Content-Type': asset.type, 'Cache-Control': cacheControl, ETag: etag, Vary: 'Accept-Encoding' });
  const given = request.get('if-none-match');
  if (given?.split(',', 100).some((tag) => tag.trim().replace(/^W\//, '') === etag) === true) {
    response.status(304).end();
    return;
  }
  const body = asset.bodies.get(encoding) ?? Buffer.alloc(0);
  if (encoding !== 'identity') response.set('Content-Encoding', encoding);
  response.set('Content-Length', String(body.length));
  response.end(request.method === 'HEAD' ? undefined : body);
}

function encodingFor(request: Request, asset: Asset): Encoding {
  for (const { encoding } of packings) {
    if (asset.bodies.has(encoding) && request.acceptsEncodings(encoding) !== false) return encoding;
  }
  return 'identity';
}
