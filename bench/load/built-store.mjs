// The store and the services over it, bundled from the sources of the tree that is measured, as the server's build does it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { root } from '../../scripts/build-state.mjs';
import { atExit } from '../harness/leftovers.mjs';

const measuredRoot = process.env.BENCH_BUILD ?? root;

const wanted = {
  'infrastructure/database/sqlite-database.ts': 'createSqliteDatabase',
  'infrastructure/database/mongo-database.ts': 'createMongoDatabase',
  'services/conversations/conversations.ts': 'Conversations',
  'services/conversations/conversation-fork.ts': 'createConversationForks',
  'services/conversations/new-conversation.ts': 'newConversation',
  'services/generations/acceptance.ts': 'Acceptance, dedupeKeyOf',
  'services/generations/accepted-operations.ts': 'acceptedOperations',
  'services/generations/generation-plans.ts': 'GenerationPlans, hashOfSend',
  'services/generations/history.ts': 'History',
  'wiring/wire-storage.ts': 'collections',
  'lib/clock.ts': 'systemClock',
  'lib/logger.ts': 'silentLogger',
  'lib/new-id.ts': 'newId',
  'lib/normalise-words.ts': 'normaliseWords',
};

/** Builds it once. @returns the file to import, and how to remove it */
export async function buildStore() {
  // Below the packages, so that they are found.
  const cache = join(realpathSync(join(measuredRoot, 'node_modules')), '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'bench-store-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  atExit(remove);
  const entry = join(folder, 'store.ts');
  const source = join(measuredRoot, 'src');
  const lines = Object.entries(wanted).map(([file, names]) => `export { ${names} } from ${JSON.stringify(join(source, file))};`);
  writeFileSync(entry, `${lines.join('\n')}\n`);
  const bundle = await rolldown({
    input: { store: entry, 'sqlite-worker': join(source, 'infrastructure/database/sqlite-worker.ts') },
    cwd: measuredRoot,
    platform: 'node',
    external: (id) => !/^[./#]/.test(id),
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
  });
  await bundle.write({ dir: join(folder, 'out'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await bundle.close();
  return { file: join(folder, 'out/store.js'), remove };
}

/** @param file what `buildStore` made */
export const loadStore = (file) => import(pathToFileURL(file).href);
