import { type Request, Router } from 'express';
import {
  type Conversation,
  type Favourite,
  type Folder,
  folderBodySchema,
  folderPatchBodySchema,
  forkBodySchema,
  type Message,
  type Page,
  type Prompt,
  pageQuerySchema,
  promptBodySchema,
  promptPatchBodySchema,
  type Trashed,
} from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse, parseQuery } from './json-body.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';

type Paging = { readonly cursor?: string | undefined; readonly limit?: number | undefined };

/** What a person keeps. Each method sees only what belongs to `userId`: another owner's is NOT_FOUND. */
export interface LibraryPorts {
  readonly folders: {
    list(userId: string): Promise<Page<Folder>>;
    create(userId: string, name: string): Promise<Folder>;
    patch(userId: string, id: string, patch: { name?: string | undefined; position?: number | undefined }): Promise<Folder>;
    remove(userId: string, id: string): Promise<void>;
  };
  readonly prompts: {
    list(userId: string, query: Paging): Promise<Page<Prompt>>;
    create(userId: string, words: { title: string; text: string }): Promise<Prompt>;
    patch(userId: string, id: string, words: { title?: string | undefined; text?: string | undefined }): Promise<Prompt>;
    remove(userId: string, id: string): Promise<void>;
  };
  readonly favourites: {
    list(userId: string, query: Paging): Promise<Page<Favourite>>;
    add(userId: string, messageId: string): Promise<Message>;
    remove(userId: string, messageId: string): Promise<Message>;
  };
  readonly trash: {
    list(userId: string, query: Paging): Promise<Page<Trashed>>;
    remove(userId: string, id: string): Promise<void>;
    empty(userId: string): Promise<void>;
  };
  fork(userId: string, conversationId: string, messageId: string): Promise<Conversation>;
}

type UserIdOf = (request: Request) => Promise<string>;

/** `/api/folders*`, `/api/prompts*`, `/api/trash*`, favourites and forks. */
export function createLibraryRoutes(ports: LibraryPorts, identities: RequestIdentities): Router {
  const router = Router();
  const userIdOf: UserIdOf = async (request) => (await identities.require(request)).user.id;
  addFolders(router, ports.folders, userIdOf);
  addPrompts(router, ports.prompts, userIdOf);
  addFavourites(router, ports.favourites, userIdOf);
  addTrash(router, ports.trash, userIdOf);
  router
    .route('/api/conversations/:id/fork')
    .post(async (request, response) => {
      const userId = await userIdOf(request);
      const { messageId } = parse(forkBodySchema, request.body);
      response.status(201).json({ conversation: await ports.fork(userId, pathId(request), messageId) });
    })
    .all(methodNotAllowed('POST'));
  return router;
}

function addFolders(router: Router, folders: LibraryPorts['folders'], userIdOf: UserIdOf): void {
  router
    .route('/api/folders')
    .get(async (request, response) => {
      response.json(await folders.list(await userIdOf(request)));
    })
    .post(async (request, response) => {
      const userId = await userIdOf(request);
      const { name } = parse(folderBodySchema, request.body);
      response.status(201).json({ folder: await folders.create(userId, name) });
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/api/folders/:id')
    .patch(async (request, response) => {
      const userId = await userIdOf(request);
      const patch = parse(folderPatchBodySchema, request.body);
      response.json({ folder: await folders.patch(userId, pathId(request), patch) });
    })
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      await folders.remove(userId, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('PATCH, DELETE'));
}

function addPrompts(router: Router, prompts: LibraryPorts['prompts'], userIdOf: UserIdOf): void {
  router
    .route('/api/prompts')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json(await prompts.list(userId, parseQuery(pageQuerySchema, request.query)));
    })
    .post(async (request, response) => {
      const userId = await userIdOf(request);
      const words = parse(promptBodySchema, request.body);
      response.status(201).json({ prompt: await prompts.create(userId, words) });
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/api/prompts/:id')
    .patch(async (request, response) => {
      const userId = await userIdOf(request);
      const words = parse(promptPatchBodySchema, request.body);
      response.json({ prompt: await prompts.patch(userId, pathId(request), words) });
    })
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      await prompts.remove(userId, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('PATCH, DELETE'));
}

function addFavourites(router: Router, favourites: LibraryPorts['favourites'], userIdOf: UserIdOf): void {
  router
    .route('/api/favourites')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json(await favourites.list(userId, parseQuery(pageQuerySchema, request.query)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/messages/:id/favourite')
    .put(async (request, response) => {
      const userId = await userIdOf(request);
      response.json({ message: await favourites.add(userId, pathId(request)) });
    })
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      await favourites.remove(userId, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('PUT, DELETE'));
}

function addTrash(router: Router, trash: LibraryPorts['trash'], userIdOf: UserIdOf): void {
  router
    .route('/api/trash')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json(await trash.list(userId, parseQuery(pageQuerySchema, request.query)));
    })
    .delete(async (request, response) => {
      await trash.empty(await userIdOf(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('GET, DELETE'));

  router
    .route('/api/trash/:id')
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      await trash.remove(userId, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('DELETE'));
}
