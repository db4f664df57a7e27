// Imports go one way: gateway -> commands -> services -> core -> protocol; models -> core; plugins -> core;
// public -> protocol; infrastructure fits the ports of the others by shape; everybody may use lib and protocol.
// scripts/check-imports.mjs runs these rules and proves first that each of them catches a planted violation.

/** What each room may import besides itself. `config` is read by the files that wire, and by nobody else. */
const rooms = {
  protocol: [],
  lib: ['protocol'],
  core: ['protocol', 'lib'],
  models: ['protocol', 'lib', 'core'],
  services: ['protocol', 'lib', 'core'],
  commands: ['protocol', 'lib', 'core', 'services'],
  gateway: ['protocol', 'lib', 'core', 'services', 'commands'],
  infrastructure: ['protocol', 'lib'],
};

/** Packages that only one room may know. */
const vendors = {
  express: ['src/gateway/http/'],
  helmet: ['src/gateway/http/'],
  multer: ['src/gateway/http/'],
  ws: ['src/gateway/ws/'],
  mongodb: ['src/infrastructure/database/', 'src/infrastructure/blobs/'],
  libsql: ['src/infrastructure/database/'],
  sharp: ['src/infrastructure/inference/'],
  'onnxruntime-node': ['src/infrastructure/inference/'],
  '@google/generative-ai': ['src/models/gemini/'],
  pino: ['src/infrastructure/logging/'],
  jose: ['src/infrastructure/tokens/'],
  bcryptjs: ['src/infrastructure/passwords/'],
  ulid: ['src/lib/new-id\\.ts', 'public/'],
  preact: ['public/'],
  '@preact/signals': ['public/'],
  marked: ['public/'],
  lowlight: ['public/'],
};

const escaped = (text) => text.replaceAll(/[.*+?^$()|[\]\\/]/g, '\\$&');

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^(src|plugins|public|test|bench)/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

const vendorRules = Object.entries(vendors).map(([name, homes]) => ({
  name: `vendor-${name}`,
  severity: 'error',
  from: { path: '^(src|plugins|public)/', pathNot: `^(${homes.join('|')})` },
  to: { path: `node_modules/(@types/)?${escaped(name)}/` },
}));

export const forbidden = [
  ...roomRules,
  ...vendorRules,
  {
    name: 'public-knows-only-the-protocol',
    severity: 'error',
    from: { path: '^public/' },
    to: { path: '^(src|plugins|test|bench)/', pathNot: '^src/protocol/' },
  },
  {
    name: 'protocol-needs-only-zod',
    severity: 'error',
    from: { path: '^src/protocol/' },
    to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/zod/' },
  },
  {
    name: 'plugins-know-only-the-core',
    severity: 'error',
    from: { path: '^plugins/([^/]+)/', pathNot: '\\.test\\.ts$' },
    to: { path: '^(src|public|plugins|test|bench)/', pathNot: '^(src/core/|plugins/$1/)' },
  },
  {
    // Its tests run it with the kit.
    name: 'plugin-tests-know-only-the-core-and-the-kit',
    severity: 'error',
    from: { path: '^plugins/([^/]+)/.*\\.test\\.ts$' },
    to: { path: '^(src|public|plugins|test|bench)/', pathNot: '^(src/core/|plugins/$1/|test/support/plugin-kit\\.ts$)' },
  },
  {
    name: 'nobody-imports-what-wires',
    severity: 'error',
    from: { path: '^(src|plugins|public)/', pathNot: '^src/((main|serve|app)\\.ts$|wiring/)' },
    to: { path: '^src/((main|serve|app|worker|inference-host)\\.ts$|wiring/)' },
  },
  {
    name: 'config-knows-only-lib',
    severity: 'error',
    from: { path: '^src/config[^/]*\\.ts$' },
    to: { path: '^(src|plugins|public|test|bench)/', pathNot: '^src/(lib/|config[^/]*\\.ts$)' },
  },
  {
    name: 'server-ships-no-dev-package',
    severity: 'error',
    // Tests of plugins lie beside them and are not shipped.
    from: { path: '^(src|plugins)/', pathNot: '^plugins/.*\\.test\\.ts$' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
  },
  {
    // A cycle that holds only by types is gone when the code runs.
    name: 'no-cycles',
    severity: 'error',
    from: { path: '^(src|plugins|public)/' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'resolvable',
    severity: 'error',
    from: { path: '^(src|plugins|public)/' },
    to: { couldNotResolve: true },
  },
];

export const options = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '^dist/' },
  enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default', 'types'], exportsFields: ['exports'] },
};

export default { forbidden, options };
