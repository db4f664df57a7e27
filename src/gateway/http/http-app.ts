import express, { type Express, type RequestHandler } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { createAccessLog, type ServedRequest } from './access-log.ts';
import { createAuthRoutes } from './auth-routes.ts';
import { createCatalogRoutes } from './catalog-routes.ts';
import type { ClientAddress } from './client-address.ts';
import { createConversationRoutes } from './conversation-routes.ts';
import { createCsrfGuard } from './csrf-guard.ts';
import { createErrorResponder, methodNotAllowed, notFound } from './error-responder.ts';
import { createHealthRoutes } from './health-routes.ts';
import { type HostGuard, refuseBadHosts, refuseUnknownHosts } from './host-guard.ts';
import { createJsonBody } from './json-body.ts';
import type { OriginPolicy } from './origin-policy.ts';
import type {
  AccountsPort,
  CommandsPort,
  ConversationsPort,
  DrainState,
  FeedbackPort,
  ModelsPort,
  Readiness,
  SettingsPort,
} from './ports.ts';
import { assignRequestId } from './request-id.ts';
import { createRequestIdentities, type RequestIdentities } from './request-identity.ts';
import { createAdminGuard } from './require-admin.ts';
import { createSecurityHeaders } from './security-headers.ts';
import { createStaticClient } from './static-client.ts';
import { createUploadRoutes, type UploadRoutesUploads } from './upload-routes.ts';

/** A group of routes that is built outside: it gets what tells who asks. */
export type RouteGroup = (identities: RequestIdentities) => RequestHandler;

export interface HttpAppDeps {
  readonly accounts: AccountsPort;
  readonly conversations: ConversationsPort;
  readonly feedback: FeedbackPort;
  readonly models: ModelsPort;
  readonly commands: CommandsPort;
  readonly settings: SettingsPort;
  readonly uploads: UploadRoutesUploads;
  readonly uploadLimits: { readonly maxBytes: number };
  /** Where uploads are received before they are checked. */
  readonly temporaryDirectory: string;
  /** The built client, e.g. `dist/public`. */
  readonly publicDirectory: string;
  readonly readiness: () => Readiness;
  readonly drain: DrainState;
  readonly hosts: HostGuard;
  /** Sees every request first and answers none: the self test of `CLIENT_IP`. */
  readonly observe: RequestHandler;
  /** Before an upload is received. @throws AppError OVERLOADED */
  readonly assertRoom: () => void;
  /** How late the event loop is now, in ms. */
  readonly lagMs: () => number;
  /** Further routes: those that read their own bodies, and all others. */
  readonly streamRoutes: readonly RouteGroup[];
  readonly routes: readonly RouteGroup[];
  /** Told of each request when its answer has ended. */
  readonly observeRequest?: ((served: ServedRequest) => void) | undefined;
  readonly address: ClientAddress;
  readonly origins: OriginPolicy;
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything that is served over HTTP, without a server: `createHttpServer` listens. */
export function createHttpApp(deps: HttpAppDeps): Express {
  const identities = createRequestIdentities(deps.accounts, deps.address);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('env', 'production');

  app.use(
    assignRequestId,
    createAccessLog(deps.logger, deps.clock, deps.observeRequest),
    createSecurityHeaders(deps.address, deps.publicUrl),
  );
  app.use(closeWhileDraining(deps.drain), refuseBadHosts(deps.hosts), deps.observe);
  app.use(createHealthRoutes({ ...deps, identities }));
  app.use(refuseUnknownHosts(deps.hosts));
  app.use('/api', noStore, refuseWhileDraining(deps.drain));
  app.use('/api/admin', createAdminGuard(identities));
  app.use(createCsrfGuard(deps.origins));
  mountUploads(app, deps, async (request) => (await identities.require(request)).user);
  for (const group of deps.streamRoutes) app.use(group(identities));
  app.use('/api', ...createJsonBody(deps.clock));
  app.use(createAuthRoutes({ ...deps, identities }));
  app.use(createConversationRoutes({ ...deps, identities }));
  app.use(createCatalogRoutes({ ...deps, identities }));
  for (const group of deps.routes) app.use(group(identities));
  app.use('/api', notFound);
  app.use(createStaticClient(deps.publicDirectory));
  app.use(notFound);
  app.use(createErrorResponder(deps.logger));
  return app;
}

const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

function closeWhileDraining(drain: DrainState): RequestHandler {
  return (_request, response, next) => {
    if (drain.draining) response.setHeader('Connection', 'close');
    next();
  };
}

/** What would change something comes too late; reading goes on until the store closes. */
function refuseWhileDraining(drain: DrainState): RequestHandler {
  return (request, _response, next) => {
    if (drain.draining && request.method !== 'GET' && request.method !== 'HEAD') throw new AppError('DRAINING', { retryAfter: 5 });
    next();
  };
}

type CurrentUser = Parameters<typeof createUploadRoutes>[0]['currentUser'];

function mountUploads(app: Express, deps: HttpAppDeps, currentUser: CurrentUser): void {
  const { uploads, uploadLimits: limits, temporaryDirectory, clock } = deps;
  app.post('/api/uploads', (_request, _response, next) => {
    deps.assertRoom();
    next();
  });
  app.use(createUploadRoutes({ uploads, currentUser, limits, temporaryDirectory, clock }));
  app.route('/api/uploads').all(methodNotAllowed('POST'));
  app.route('/api/files/:id').all(methodNotAllowed('GET'));
}
