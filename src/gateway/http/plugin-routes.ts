import { Router } from 'express';
import { type PluginInfo, type PluginPatchBody, pluginPatchBodySchema, pluginSettingsBodySchema, type User } from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse } from './json-body.ts';
import { pathName } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';
import { requireAdmin } from './require-admin.ts';
import { sendJsonCompressed } from './send-json-compressed.ts';

/** What the routes need of `services/plugins`. */
export interface PluginsPort {
  list(user: User): Promise<readonly PluginInfo[]>;
  saveSettings(user: User, name: string, values: PluginPatchBody['config'] & object): Promise<PluginInfo>;
  change(admin: User, name: string, patch: PluginPatchBody): Promise<PluginInfo>;
}

export interface PluginRoutesDeps {
  readonly plugins: PluginsPort;
  readonly identities: RequestIdentities;
}

/** `/api/plugins*`: what the plugins of this server can do, and what people and administrators set. */
export function createPluginRoutes({ plugins, identities }: PluginRoutesDeps): Router {
  const router = Router();

  router
    .route('/api/plugins')
    .get(async (request, response) => {
      const { user } = await identities.require(request);
      await sendJsonCompressed(request, response, { items: await plugins.list(user), nextCursor: null });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/plugins/:name/settings')
    .put(async (request, response) => {
      const { user } = await identities.require(request);
      const { values } = parse(pluginSettingsBodySchema, request.body);
      response.json({ plugin: await plugins.saveSettings(user, pathName(request), values) });
    })
    .all(methodNotAllowed('PUT'));

  router
    .route('/api/admin/plugins/:name')
    .patch(async (request, response) => {
      const { user } = await requireAdmin(identities, request);
      const patch = parse(pluginPatchBodySchema, request.body);
      response.json({ plugin: await plugins.change(user, pathName(request), patch) });
    })
    .all(methodNotAllowed('PATCH'));

  return router;
}
