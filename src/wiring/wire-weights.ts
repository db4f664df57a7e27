import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createWeightsRoutes } from '../gateway/http/weights-routes.ts';
import { createModelStore } from '../infrastructure/weights/model-store.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { UserService } from '../services/messaging/user-service.ts';
import type { PluginRegistry } from '../services/plugins/plugin-registry.ts';
import { Weights } from '../services/weights/weights.ts';

/** How often the disk is looked at for what an operator brought. */
const LOOK_MS = 30_000;

export interface WeightsWiring {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly users: UserService;
}

export interface WiredWeights {
  readonly weights: Weights;
  readonly routes: RouteGroup;
  /** Asked before something is removed, once there is something to ask. */
  guardWith(isInUse: (plugin: string, model: string) => boolean): void;
  /** Takes up what plugins declare and begins to install what MODELS names. */
  declare(registry: PluginRegistry): Promise<void>;
  /** What is under way or failed, for administrators. */
  reasons(): string[];
  close(): Promise<void>;
}

/** The weights of plugins in `DATA_DIR/models`. */
export function wireWeights(config: Config, { clock, logger, users }: WeightsWiring): WiredWeights {
  let isInUse = (_plugin: string, _model: string) => false;
  const store = createModelStore({ root: join(config.dataDir, 'models'), environment: config.npmEnvironment, clock });
  const weights = new Weights({ store, logger, isInUse: (plugin, model) => isInUse(plugin, model) });
  let unknown: string[] = [];
  let stopLooking = () => {};
  weights.onChange((info) => {
    for (const session of users.all()) if (session.user.role === 'admin') session.send({ type: 'weights.updated', weights: info });
  });
  const look = () => {
    void Promise.all([weights.refresh(), store.sweep()]).catch((error: unknown) =>
      logger.warn({ error }, 'weights could not be looked at'),
    );
  };
  return {
    weights,
    routes: (identities) => createWeightsRoutes({ weights, identities }),
    guardWith(guard) {
      isInUse = guard;
    },
    async declare(registry) {
      await weights.declare(ownersOf(registry));
      // From now on: before, the registry has not taken up what is stored.
      weights.onChange((_info, usable) => {
        if (usable) registry.weightsChanged();
      });
      const known = new Set(weights.list().map(({ name }) => name));
      unknown = config.models.filter((name) => !known.has(name));
      for (const name of unknown) logger.warn({ variable: 'MODELS', model: name }, 'MODELS names weights that no plugin declares');
      for (const name of config.models.filter((one) => known.has(one))) begin(weights, name, logger);
      stopLooking = clock.every(LOOK_MS, look);
      look();
    },
    reasons: () => [...weights.list().flatMap(({ name, state, reason }) => reasonOf(name, state, reason)), ...unknown.map(unknownReason)],
    async close() {
      stopLooking();
      await weights.close();
    },
  };
}

function begin(weights: Weights, name: string, logger: Logger): void {
  try {
    weights.begin(name);
  } catch (error) {
    logger.warn({ variable: 'MODELS', model: name, error }, 'weights cannot be installed');
  }
}

function ownersOf(registry: PluginRegistry) {
  return registry.entries().map(({ name, loaded }) => ({
    plugin: name,
    folder: loaded.found.folder,
    models: loaded.definition?.models ?? [],
  }));
}

function reasonOf(name: string, state: string, reason: string | undefined): string[] {
  if (state === 'installing') return [`The weights ${name} are being installed.`];
  return state === 'failed' ? [`The weights ${name} cannot be used: ${reason ?? ''}.`] : [];
}

function unknownReason(name: string): string {
  return `MODELS names ${name}, which no plugin declares; npm run models -- list shows what there is.`;
}
