import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createLibraryRoutes } from '../gateway/http/library-routes.ts';
import { createConversationForks } from '../services/conversations/conversation-fork.ts';
import { Trash } from '../services/conversations/trash.ts';
import { Favourites } from '../services/library/favourites.ts';
import { Folders } from '../services/library/folders.ts';
import { Prompts } from '../services/library/prompts.ts';
import type { Parts } from './parts.ts';

type LibraryParts = Pick<Parts, 'chat' | 'clock' | 'models' | 'options' | 'storage' | 'uploads'>;

/** What a person keeps and finds again, and the routes to it. */
export function wireLibrary({ storage, models, chat, uploads, clock, options }: LibraryParts): RouteGroup {
  const { documents } = storage.database;
  const base = { documents, messaging: models.messaging, clock, logger: options.logger };
  const ports = {
    folders: new Folders(base),
    prompts: new Prompts(base),
    favourites: new Favourites(base),
    trash: new Trash({ ...base, removal: chat.removal }),
    fork: createConversationForks({ ...base, uploads }),
  };
  return (identities) => createLibraryRoutes(ports, identities);
}
