import { statfs } from 'node:fs/promises';
import type { Config } from '../config.ts';
import type { ModelRegistry } from '../core/index.ts';
import { createDoctorRoutes } from '../gateway/http/doctor-routes.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import type { Clock } from '../lib/clock.ts';
import { createDoctor, type Doctor } from '../services/doctor/doctor.ts';
import type { DoctorPorts } from '../services/doctor/doctor-ports.ts';
import type { UserService } from '../services/messaging/user-service.ts';
import type { PluginRegistry } from '../services/plugins/plugin-registry.ts';
import type { Chat } from './wire-chat.ts';
import type { PlatformParts } from './wire-platform.ts';
import type { Storage } from './wire-storage.ts';

/** As in package.json; `scripts/start.mjs` ends the start with an older one, other ways to start do not. */
const wantedNode = '20.19';

export interface DoctorOptions {
  readonly chat: Chat;
  readonly storage: Storage;
  readonly users: UserService;
  readonly models: { readonly registry: ModelRegistry; readonly demo: boolean };
  readonly platform: PlatformParts;
  readonly plugins: { readonly registry: Pick<PluginRegistry, 'failed'> };
  readonly clock: Clock;
}

export interface WiredDoctor extends Doctor {
  readonly routes: RouteGroup;
}

/** What `/doctor` looks at, from everything that was built. */
export function wireDoctor(config: Config, options: DoctorOptions): WiredDoctor {
  const { storage, users, platform, clock } = options;
  const { monitor, selfTest, address } = platform;
  const doctor = createDoctor({
    now: () => clock.now(),
    publicUrl: config.publicUrl,
    allowedOrigins: config.allowedOrigins,
    direct: config.clientIp.kind === 'direct',
    addressTest: () => {
      const { verdict } = selfTest.result();
      return verdict === 'ok' || verdict === 'trusted-forgery' ? verdict : 'unknown';
    },
    socketsOf: (userId) => users.getSessionInfo(userId).sessions,
    store: {
      state: () => storage.database.state(),
      now: () => storage.database.documents.now(),
      read: () => storage.database.documents.get('users', 'nobody'),
    },
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(config.dataDir);
      return bavail * bsize;
    },
    ephemeral: config.platform.ephemeralDisk && config.mongoUri === undefined,
    secret: { given: config.jwtSecret !== undefined, previous: config.jwtSecretPrevious !== undefined },
    model: modelFacts(config, options),
    failedPlugins: () => options.plugins.registry.failed(),
    memory: () => ({ level: monitor.level, usedBytes: monitor.usedBytes, budgetBytes: monitor.budgetBytes }),
    node: nodeFacts(process.versions.node),
  });
  return { ...doctor, routes: (identities) => createDoctorRoutes({ identities, address, doctor }) };
}

function modelFacts(config: Config, { models, chat }: DoctorOptions): DoctorPorts['model'] {
  const chosen = config.gemini.model.replace(/^models\//, '');
  return {
    demo: models.demo,
    chosen,
    check: () => models.registry.check(),
    chosenEndsOn: () => models.registry.endsOn(chosen),
    blocked: () => chat.quotas.blocked(),
  };
}

function nodeFacts(version: string): DoctorPorts['node'] {
  const [wantedMajor = 0, wantedMinor = 0] = wantedNode.split('.').map(Number);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return { version, wanted: `>=${wantedNode}`, supported: major > wantedMajor || (major === wantedMajor && minor >= wantedMinor) };
}
