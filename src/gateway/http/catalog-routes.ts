import { Router } from 'express';
import { z } from 'zod';
import { idSchema, settingsBodySchema } from '../../protocol/index.ts';
import { localeOf } from '../locale-of.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse, parseQuery } from './json-body.ts';
import type { CommandsPort, ModelsPort, SettingsPort } from './ports.ts';
import type { RequestIdentities } from './request-identity.ts';

export interface CatalogRoutesDeps {
  readonly models: ModelsPort;
  readonly commands: CommandsPort;
  readonly settings: SettingsPort;
  readonly identities: RequestIdentities;
}

const commandsQuerySchema = z.object({ locale: z.string().max(35).optional() });
const settingsQuerySchema = z.object({ conversationId: idSchema.optional() });

/** What this server can do, and what a person has chosen of it. */
export function createCatalogRoutes({ models, commands, settings, identities }: CatalogRoutesDeps): Router {
  const router = Router();
  const onlyGet = methodNotAllowed('GET');

  router
    .route('/api/models')
    .get(async (request, response) => {
      await identities.require(request);
      response.json({ items: await models.list(), nextCursor: null });
    })
    .all(onlyGet);

  router
    .route('/api/commands')
    .get(async (request, response) => {
      const identity = await identities.identify(request);
      const { locale } = parseQuery(commandsQuerySchema, request.query);
      response.json({ items: commands.list(identity?.user ?? null, localeOf(locale)), nextCursor: null });
    })
    .all(onlyGet);

  router
    .route('/api/settings')
    .get(async (request, response) => {
      const { user } = await identities.require(request);
      const { conversationId } = parseQuery(settingsQuerySchema, request.query);
      response.json({ settings: await settings.get(user.id, conversationId ?? null) });
    })
    .patch(async (request, response) => {
      const { user } = await identities.require(request);
      const body = parse(settingsBodySchema, request.body);
      response.json({ settings: await settings.update(user.id, body.conversationId ?? null, body.settings) });
    })
    .all(methodNotAllowed('GET, PATCH'));

  return router;
}
