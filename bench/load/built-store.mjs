// The store and the services over it, bundled from the sources of the tree that is measured, as the server's build does it.
import { pathToFileURL } from 'node:url';
import { bundleSources } from '../harness/bundle-sources.mjs';

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
export const buildStore = () => bundleSources('store', wanted, { 'sqlite-worker': 'infrastructure/database/sqlite-worker.ts' });

/** @param file what `buildStore` made */
export const loadStore = (file) => import(pathToFileURL(file).href);
