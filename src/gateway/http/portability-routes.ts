import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import { importLimits } from '../../protocol/import-limits.ts';
import { accountExportQuerySchema, type User } from '../../protocol/index.ts';
import { assertNotForeign } from './assert-not-foreign.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parseQuery } from './json-body.ts';
import { assertNdjson, type NdjsonLine, readNdjson } from './ndjson-body.ts';
import { createOncePerPerson } from './once-per-person.ts';
import type { DrainState } from './ports.ts';
import type { RequestIdentities } from './request-identity.ts';
import { requireAdmin } from './require-admin.ts';

export interface PortabilityRoutesDeps {
  readonly identities: RequestIdentities;
  readonly accountExport: { lines(user: User, after?: string): AsyncGenerator<string> };
  readonly accountImport: { take(userId: string, lines: AsyncIterable<NdjsonLine>, signal: AbortSignal): Promise<object> };
  readonly backup: { lines(): AsyncGenerator<string> };
  /** @returns null for a session that has ended */
  readonly checkSession: (sid: string) => Promise<object | null>;
  /** Before an import is received. @throws AppError OVERLOADED */
  readonly assertRoom: () => void;
  readonly drain: DrainState;
  readonly clock: Clock;
}

/** A download whose reader takes nothing for this long is ended; it can be continued. */
const stalledMs = 30_000;
/** Written together. */
const writeCharacters = 64 * 1024;
/** A download may take an hour: whoever is signed out, disabled or no administrator any more gets no further than this. */
const checkEveryMs = 1000;

/** `/api/account/export` and `import`, `/api/admin/backup`: big bodies as lines of JSON, neither held whole in memory. */
export function createPortabilityRoutes(deps: PortabilityRoutesDeps): Router {
  const { identities, accountExport, accountImport, backup, assertRoom, drain, clock } = deps;
  const once = createOncePerPerson();
  const router = Router();

  router
    .route('/api/account/export')
    .get(async (request, response) => {
      const identity = await identities.require(request);
      assertNotForeign(request, identity);
      const { user, sid } = identity;
      const { after } = parseQuery(accountExportQuerySchema, request.query);
      const lines = whileSignedIn(deps, sid, accountExport.lines(user, after));
      await once(`export ${user.id}`, () => send(response, { lines, name: 'jarvis-argus-account', drain, clock }));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/account/import')
    .post(async (request, response) => {
      const { user, sid } = await identities.require(request);
      assertNdjson(request, importLimits);
      if (drain.draining) throw new AppError('DRAINING');
      assertRoom();
      await once(`import ${user.id}`, async () => {
        const take: Take = (lines, signal) => accountImport.take(user.id, whileSignedIn(deps, sid, unlessDraining(lines, drain)), signal);
        response.json(await receive(request, response, take));
      });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/admin/backup')
    .get(async (request, response) => {
      const identity = await requireAdmin(identities, request);
      assertNotForeign(request, identity);
      // Whoever loses the administrator's rights loses the session with them.
      const lines = whileSignedIn(deps, identity.sid, backup.lines());
      await once('backup', () => send(response, { lines, name: 'jarvis-argus-backup', drain, clock }));
    })
    .all(methodNotAllowed('GET'));

  return router;
}

/** The rest of a piece is for the server that comes after this one; it passes over what is stored already. */
async function* unlessDraining(lines: AsyncIterable<NdjsonLine>, drain: DrainState): AsyncGenerator<NdjsonLine> {
  for await (const line of lines) {
    if (drain.draining) throw new AppError('DRAINING');
    yield line;
  }
}

/** @throws AppError UNAUTHENTICATED in the middle, when the session has ended meanwhile */
async function* whileSignedIn<T>({ checkSession, clock }: PortabilityRoutesDeps, sid: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  let checkedAt = clock.now();
  for await (const item of items) {
    if (clock.now() - checkedAt >= checkEveryMs) {
      if ((await checkSession(sid)) === null) throw new AppError('UNAUTHENTICATED');
      checkedAt = clock.now();
    }
    yield item;
  }
}

interface Download {
  readonly lines: AsyncGenerator<string>;
  readonly name: string;
  readonly drain: DrainState;
  readonly clock: Clock;
}

/** Lines are made as the reader takes them; a download that breaks off has no last line `end`. */
async function send(response: Response, { lines, name, drain, clock }: Download): Promise<void> {
  // What fails before the first line is still an answer with a code.
  const first = await lines.next();
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  response.set({
    'Content-Type': 'application/x-ndjson; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}-${day}.ndjson"`,
    'X-Accel-Buffering': 'no',
  });
  if (response.req.method === 'HEAD') {
    await lines.return(undefined);
    response.end();
    return;
  }
  let stopTimer = () => {};
  const breathe = createBreather();
  async function* blocks(): AsyncGenerator<string> {
    let block = first.done === true ? '' : first.value;
    for await (const line of lines) {
      block += line;
      await breathe();
      if (block.length < writeCharacters) continue;
      // Whoever downloads goes on with another server; the cursor holds there too.
      if (drain.draining) throw new AppError('DRAINING');
      stopTimer();
      stopTimer = clock.after(stalledMs, () => response.destroy());
      yield block;
      block = '';
    }
    stopTimer();
    stopTimer = clock.after(stalledMs, () => response.destroy());
    if (block !== '') yield block;
  }
  try {
    await pipeline(Readable.from(blocks(), { highWaterMark: 1 }), response);
  } catch (error) {
    // A reader that goes away in the middle is not an error of ours; the pipeline has destroyed both ends.
    if (!response.headersSent) throw error;
  } finally {
    stopTimer();
    await lines.return(undefined);
  }
}

type Take = (lines: AsyncIterable<NdjsonLine>, signal: AbortSignal) => Promise<object>;

async function receive(request: Request, response: Response, take: Take): Promise<object> {
  const gone = new AbortController();
  const cutOff = new AppError('BAD_REQUEST', { message: 'The import was cut off.' });
  const onClose = () => gone.abort(cutOff);
  response.once('close', onClose);
  try {
    // Not destroyed when a line is refused: the answer has to get through first.
    const body: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
    return await take(readNdjson(body, importLimits), gone.signal);
  } catch (error) {
    request.resume();
    throw gone.signal.aborted || (request.destroyed && !request.complete) ? cutOff : error;
  } finally {
    response.off('close', onClose);
  }
}
