// Checks who imports whom (.dependency-cruiser.mjs). A checker that silently sees nothing says "no violations" too, so it
// must first find one planted violation of each rule, and must see at least as many modules as there are source files.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { forbidden, options } from '../.dependency-cruiser.mjs';
import { root } from './build-state.mjs';

const folders = ['src', 'plugins', 'public'];
const tsConfig = extractTSConfig(join(root, 'tsconfig.json'));

/** Rule -> [file, what it wrongly imports]. A rule without a line here fails the check. */
const planted = {
  'room-protocol': ['src/protocol/bad.ts', '../lib/good.ts'],
  'room-lib': ['src/lib/bad.ts', '../core/good.ts'],
  'room-core': ['src/core/bad.ts', '../services/good.ts'],
  'room-models': ['src/models/bad.ts', '../services/good.ts'],
  'room-services': ['src/services/bad.ts', '../gateway/good.ts'],
  'room-commands': ['src/commands/bad.ts', '../models/good.ts'],
  'room-gateway': ['src/gateway/bad.ts', '../infrastructure/good.ts'],
  'room-infrastructure': ['src/infrastructure/bad.ts', '../services/good.ts'],
  'vendor-express': ['src/gateway/ws/bad-express.ts', 'express'],
  'vendor-helmet': ['src/gateway/ws/bad-helmet.ts', 'helmet'],
  'vendor-multer': ['src/gateway/ws/bad-multer.ts', 'multer'],
  'vendor-ws': ['src/gateway/http/bad-ws.ts', 'ws'],
  'vendor-mongodb': ['src/services/bad-mongodb.ts', 'mongodb'],
  'vendor-libsql': ['src/services/bad-libsql.ts', 'libsql'],
  'vendor-sharp': ['src/services/bad-sharp.ts', 'sharp'],
  'vendor-onnxruntime-node': ['src/services/bad-onnx.ts', 'onnxruntime-node'],
  'vendor-@google/generative-ai': ['src/models/bad-gemini.ts', '@google/generative-ai'],
  'vendor-pino': ['src/services/bad-pino.ts', 'pino'],
  'vendor-jose': ['src/services/bad-jose.ts', 'jose'],
  'vendor-bcryptjs': ['src/services/bad-bcryptjs.ts', 'bcryptjs'],
  'vendor-ulid': ['src/services/bad-ulid.ts', 'ulid'],
  'vendor-preact': ['src/services/bad-preact.ts', 'preact'],
  'vendor-@preact/signals': ['src/services/bad-signals.ts', '@preact/signals'],
  'vendor-marked': ['src/services/bad-marked.ts', 'marked'],
  'vendor-lowlight': ['src/services/bad-lowlight.ts', 'lowlight'],
  'public-knows-only-the-protocol': ['public/app/bad.ts', '../../src/lib/good.ts'],
  'protocol-needs-only-zod': ['src/protocol/bad-node.ts', 'node:fs'],
  'plugins-know-only-the-core': ['plugins/one/bad.ts', '../two/plugin.ts'],
  'plugin-tests-know-only-the-core-and-the-kit': ['plugins/one/bad.test.ts', '../two/plugin.ts'],
  'nobody-imports-what-wires': ['src/services/bad-app.ts', '../app.ts'],
  'config-knows-only-lib': ['src/config.ts', './services/good.ts'],
  'server-ships-no-dev-package': ['src/services/bad-vite.ts', 'vite'],
  'no-cycles': ['src/services/bad-cycle.ts', './bad-cycle.ts'],
  resolvable: ['src/services/bad-missing.ts', './nowhere.ts'],
};

const missed = await selfTest();
const { modules, violations } = await check(root);
const expected = folders.flatMap((folder) => sourceFiles(join(root, folder)));
const seen = modules.filter((module) => /^(src|plugins|public)\//.test(module.source)).length;

for (const rule of missed) console.error(`The rule ${rule} did not catch its planted violation.`);
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (seen < expected.length) console.error(`Only ${seen} of ${expected.length} source files were seen.`);
const failed = missed.length > 0 || violations.length > 0 || seen < expected.length || seen === 0;
console.log(
  `${seen} modules, ${violations.length} violations, ${forbidden.length} rules of which ${forbidden.length - missed.length} proved.`,
);
process.exit(failed ? 1 : 0);

async function check(baseDir) {
  const present = folders.filter((folder) => existsSync(join(baseDir, folder)));
  const settings = { ...options, baseDir, ruleSet: { forbidden }, validate: true, outputType: 'json' };
  const { output } = await cruise(present, settings, undefined, { tsConfig });
  const result = JSON.parse(output);
  return { modules: result.modules, violations: result.summary.violations };
}

/** @returns the rules that miss their planted violation */
async function selfTest() {
  const folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
  try {
    plantIn(folder);
    const { violations } = await check(folder);
    const caught = new Set(violations.map(({ rule, from }) => `${rule.name} ${from}`));
    return forbidden.map((rule) => rule.name).filter((name) => !caught.has(`${name} ${planted[name]?.[0]}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function plantIn(folder) {
  const write = (file, text) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const rooms = ['protocol', 'lib', 'core', 'models', 'services', 'commands', 'gateway', 'infrastructure'];
  for (const room of rooms) write(`src/${room}/good.ts`, 'export const good = 1;\n');
  write('src/app.ts', 'export const good = 1;\n');
  write('plugins/two/plugin.ts', 'export const good = 1;\n');
  for (const [file, target] of Object.values(planted)) write(file, `import '${target}';\nexport const bad = 1;\n`);
  write('package.json', JSON.stringify({ type: 'module', dependencies: {}, devDependencies: { vite: '*' } }));
  // onnxruntime-node comes with a later feature; a stand-in lets its rule be proved today.
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry.startsWith('.') || entry === 'onnxruntime-node') continue;
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(join(root, 'node_modules', entry), join(folder, 'node_modules', entry), 'junction');
  }
  write('node_modules/onnxruntime-node/package.json', '{"name":"onnxruntime-node","version":"0.0.0","main":"index.js"}');
  write('node_modules/onnxruntime-node/index.js', 'export {};\n');
}

function sourceFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
}
