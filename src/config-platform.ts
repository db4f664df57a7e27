import { resolve, sep } from 'node:path';

export type PlatformName = 'render' | 'heroku' | 'railway' | 'none';

/** What the environment tells about the place where the server runs. */
export interface Platform {
  readonly name: PlatformName;
  /** Time between SIGTERM and SIGKILL in ms; undefined where nobody told. */
  readonly graceMs: number | undefined;
  /** Files in DATA_DIR are lost with the next start. */
  readonly ephemeralDisk: boolean;
  /** The origin under which the platform publishes the server, e.g. `https://app.onrender.com`. */
  readonly publicUrl: string | undefined;
  /** Lines for the log at start, each with what to do. */
  readonly warnings: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

const isSet = (value: string | undefined): value is string => value !== undefined && value.trim() !== '';
/** Undefined for what is no address: a mistake of the platform must not end the start. */
const originOf = (url: string): string | undefined => (URL.canParse(url) && /^https?:/.test(url) ? new URL(url).origin : undefined);
const isInside = (path: string, folder: string): boolean => `${resolve(path)}${sep}`.startsWith(`${resolve(folder)}${sep}`);

/** Render gives 30 s unless `maxShutdownDelaySeconds` says otherwise; it names no disk in the environment, but a disk has an absolute path outside the source. */
function renderPlatform(env: Variables): Platform {
  const dataDir = env['DATA_DIR'];
  const url = env['RENDER_EXTERNAL_URL'];
  return {
    name: 'render',
    graceMs: 30_000,
    ephemeralDisk: !isSet(dataDir) || isInside(dataDir, '.'),
    publicUrl: isSet(url) ? originOf(url) : undefined,
    warnings: [],
  };
}

/** Railway sends SIGKILL at once unless the service sets draining seconds; a volume is named in the environment. */
function railwayPlatform(env: Variables): Platform {
  const draining = env['RAILWAY_DEPLOYMENT_DRAINING_SECONDS'];
  const seconds = isSet(draining) && /^\d+$/.test(draining) ? Number(draining) : 0;
  const volume = env['RAILWAY_VOLUME_MOUNT_PATH'];
  const domain = env['RAILWAY_PUBLIC_DOMAIN'];
  const dataDir = env['DATA_DIR'] ?? './data';
  const advice =
    'Railway ends the process at once on a deploy: set RAILWAY_DEPLOYMENT_DRAINING_SECONDS=30 so that running answers can finish.';
  return {
    name: 'railway',
    graceMs: seconds * 1000,
    ephemeralDisk: !(isSet(volume) && isInside(dataDir, volume)),
    publicUrl: isSet(domain) ? originOf(`https://${domain}`) : undefined,
    warnings: seconds === 0 && !isSet(env['DRAIN_MS']) ? [advice] : [],
  };
}

const lostDisk =
  'The disk of this platform is emptied by each deploy, and with it all accounts, conversations and pictures: set MONGO_URI, or attach a disk and set DATA_DIR to its path.';

/** Whoever uses Railway's command line has these on a laptop too, where nobody may choose an address by a header. */
const railwayTokens = ['RAILWAY_TOKEN', 'RAILWAY_API_TOKEN'];

/** Recognises Render (`RENDER`), Heroku (`DYNO`) and Railway (`RAILWAY_*`). */
export function detectPlatform(env: Variables): Platform {
  const platform = recognise(env);
  const storedElsewhere = isSet(env['MONGO_URI']) || isSet(env['MONGO_URI_FILE']);
  if (!platform.ephemeralDisk || storedElsewhere) return platform;
  return { ...platform, warnings: [...platform.warnings, lostDisk] };
}

function recognise(env: Variables): Platform {
  if (isSet(env['RENDER'])) return renderPlatform(env);
  if (isSet(env['DYNO'])) return { name: 'heroku', graceMs: 30_000, ephemeralDisk: true, publicUrl: undefined, warnings: [] };
  const railway = Object.keys(env).filter((name) => name.startsWith('RAILWAY_') && !railwayTokens.includes(name));
  if (railway.some((name) => isSet(env[name]))) return railwayPlatform(env);
  return { name: 'none', graceMs: undefined, ephemeralDisk: false, publicUrl: undefined, warnings: [] };
}

/** How long running answers may go on after SIGTERM: 5 s less than the grace, at most 20 s; 300 ms where there is no grace. */
export function defaultDrainMs(graceMs: number | undefined): number {
  if (graceMs === undefined) return 20_000;
  return Math.max(300, Math.min(graceMs - 5_000, 20_000));
}
