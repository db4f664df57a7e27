import { type Request, Router } from 'express';
import {
  type GalleryItem,
  galleryQuerySchema,
  type Job,
  type JobCreateBody,
  jobCreateBodySchema,
  jobListQuerySchema,
  type Page,
} from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse, parseQuery } from './json-body.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';

type Paging = { readonly cursor?: string | undefined; readonly limit?: number | undefined };

/** Each method sees only what belongs to `userId`: another owner's is NOT_FOUND. */
export interface JobsPort {
  submit(user: { readonly id: string }, body: JobCreateBody): Promise<Job>;
  get(userId: string, id: string): Promise<Job>;
  list(userId: string, query: Paging & { readonly open?: boolean | undefined }): Promise<Page<Job>>;
  cancel(userId: string, id: string): Promise<Job>;
  preview(userId: string, id: string): Promise<Uint8Array>;
  gallery(userId: string, query: Paging): Promise<Page<GalleryItem>>;
  removeFromGallery(userId: string, jobId: string): Promise<void>;
}

export interface JobRoutesDeps {
  readonly jobs: JobsPort;
  readonly identities: RequestIdentities;
  /** `none`: the disk is emptied with the next start, and with it the queue. */
  readonly durability: 'durable' | 'none';
}

/** `/api/jobs*` and `/api/gallery*`: work on pictures, and what came of it. */
export function createJobRoutes({ jobs, identities, durability }: JobRoutesDeps): Router {
  const router = Router();
  const userIdOf = async (request: Request) => (await identities.require(request)).user.id;

  router
    .route('/api/jobs')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      const { open, ...query } = parseQuery(jobListQuerySchema, request.query);
      response.json(await jobs.list(userId, { ...query, open: open === 'true' }));
    })
    .post(async (request, response) => {
      const { user } = await identities.require(request);
      const job = await jobs.submit(user, parse(jobCreateBodySchema, request.body));
      const self = `/api/jobs/${job.id}`;
      const links = { self, cancel: self };
      response
        .status(202)
        .location(self)
        // Always there: work that begins at once waits behind nobody.
        .json({ jobId: job.id, status: job.status, position: job.position ?? 0, links, durability, job });
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/api/jobs/:id')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json({ job: await jobs.get(userId, pathId(request)) });
    })
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      response.json({ job: await jobs.cancel(userId, pathId(request)) });
    })
    .all(methodNotAllowed('GET, DELETE'));

  router
    .route('/api/jobs/:id/preview')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      const data = await jobs.preview(userId, pathId(request));
      response
        .set({
          'Content-Type': 'image/webp',
          'Cache-Control': 'no-store',
          'Content-Disposition': 'inline; filename="preview.webp"',
          'X-Content-Type-Options': 'nosniff',
          'Content-Security-Policy': "sandbox; default-src 'none'",
          'Cross-Origin-Resource-Policy': 'same-origin',
        })
        .end(data);
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/gallery')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json(await jobs.gallery(userId, parseQuery(galleryQuerySchema, request.query)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/gallery/:id')
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      await jobs.removeFromGallery(userId, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('DELETE'));

  return router;
}
