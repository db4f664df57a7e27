import type { Config } from '../config.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createPortabilityRoutes } from '../gateway/http/portability-routes.ts';
import type { DrainState } from '../gateway/http/ports.ts';
import { newestSchema, schemaMigrations } from '../infrastructure/database/schema-migrations.ts';
import type { Clock } from '../lib/clock.ts';
import { AccountExport } from '../services/portability/account-export.ts';
import { AccountImport } from '../services/portability/account-import.ts';
import { ImportConversations } from '../services/portability/import-conversations.ts';
import { ImportFiles } from '../services/portability/import-files.ts';
import { ImportLibrary } from '../services/portability/import-library.ts';
import { InstanceBackup } from '../services/portability/instance-backup.ts';
import type { Uploads } from '../services/uploads/uploads.ts';
import type { Chat } from './wire-chat.ts';
import type { SettingsPort } from './wire-commands.ts';
import type { People } from './wire-people.ts';
import type { PlatformParts } from './wire-platform.ts';
import { collections, type Storage } from './wire-storage.ts';

export interface PortabilityOptions {
  readonly storage: Storage;
  readonly uploads: Uploads;
  readonly chat: Chat;
  readonly people: People;
  readonly platform: PlatformParts;
  readonly settings: SettingsPort;
  readonly state: DrainState;
  readonly temporaryDirectory: string;
  readonly clock: Clock;
  readonly options: { readonly version: string };
}

/** Export and import of an account, backup of the instance. */
export function wirePortability(config: Config, parts: PortabilityOptions): RouteGroup {
  const { storage, uploads, chat, settings, clock, temporaryDirectory, state: drain } = parts;
  const { version } = parts.options;
  const { documents, scan } = storage.database;
  const accountExport = new AccountExport({ documents, uploads, settings: chat.settings, clock, version });
  const files = new ImportFiles({ documents, uploads, temporaryDirectory, maxBytes: config.uploads.maxBytes });
  const { textBytes } = config.limits;
  const library = new ImportLibrary(documents, clock);
  const findFile = files.find.bind(files);
  const conversations = new ImportConversations({ documents, uploads, findFile, library, clock, textBytes });
  const accountImport = new AccountImport({ documents, files, conversations, library, settings, drafts: chat.drafts, clock });
  const names = collections.map(({ name }) => name);
  const backup = new InstanceBackup({
    scan,
    collections: names,
    schema: newestSchema(schemaMigrations),
    blobs: storage.blobs,
    clock,
    version,
  });
  const { checkSession } = parts.people.accounts;
  const assertRoom = () => parts.platform.monitor.assertRoom();
  const routes = { accountExport, accountImport, backup, checkSession, assertRoom, drain, clock };
  return (identities) => createPortabilityRoutes({ ...routes, identities });
}
