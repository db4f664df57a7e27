import { type Request, Router } from 'express';
import {
  conversationCreateBodySchema,
  conversationListQuerySchema,
  conversationPatchBodySchema,
  feedbackBodySchema,
  messageListQuerySchema,
} from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse, parseQuery } from './json-body.ts';
import { pathId } from './path-id.ts';
import type { ConversationsPort, FeedbackPort } from './ports.ts';
import type { RequestIdentities } from './request-identity.ts';

export interface ConversationRoutesDeps {
  readonly conversations: ConversationsPort;
  readonly feedback: FeedbackPort;
  readonly identities: RequestIdentities;
}

/** `/api/conversations*` and feedback: what a person reads and changes outside the socket. */
export function createConversationRoutes({ conversations, feedback, identities }: ConversationRoutesDeps): Router {
  const router = Router();

  async function userIdOf(request: Request): Promise<string> {
    return (await identities.require(request)).user.id;
  }

  router
    .route('/api/conversations')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json(await conversations.list(userId, parseQuery(conversationListQuerySchema, request.query)));
    })
    .post(async (request, response) => {
      const userId = await userIdOf(request);
      const conversation = await conversations.create(userId, parse(conversationCreateBodySchema, request.body));
      response.status(201).json({ conversation });
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/api/conversations/:id')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json({ conversation: await conversations.get(userId, pathId(request)) });
    })
    .patch(async (request, response) => {
      const userId = await userIdOf(request);
      const patch = parse(conversationPatchBodySchema, request.body);
      response.json({ conversation: await conversations.patch(userId, pathId(request), patch) });
    })
    .delete(async (request, response) => {
      const userId = await userIdOf(request);
      await conversations.remove(userId, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('GET, PATCH, DELETE'));

  router
    .route('/api/conversations/:id/restore')
    .post(async (request, response) => {
      const userId = await userIdOf(request);
      response.json({ conversation: await conversations.restore(userId, pathId(request)) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/conversations/:id/messages')
    .get(async (request, response) => {
      const userId = await userIdOf(request);
      response.json(await conversations.messages(userId, pathId(request), parseQuery(messageListQuerySchema, request.query)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/messages/:id/feedback')
    .post(async (request, response) => {
      const userId = await userIdOf(request);
      response.json({ message: await feedback.set(userId, pathId(request), parse(feedbackBodySchema, request.body)) });
    })
    .all(methodNotAllowed('POST'));

  return router;
}
