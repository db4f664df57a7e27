import { type Request, type Response, Router } from 'express';
import { exchangeBodySchema, loginBodySchema, passwordBodySchema, signupBodySchema } from '../../protocol/index.ts';
import type { ClientAddress } from './client-address.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse } from './json-body.ts';
import type { AccountsPort, ClientInfo, SessionGrant } from './ports.ts';
import type { RequestIdentities } from './request-identity.ts';

export interface AuthRoutesDeps {
  readonly accounts: AccountsPort;
  readonly identities: RequestIdentities;
  readonly address: ClientAddress;
}

/** `/api/auth/*`: sign-up, sign-in and sign-out. */
export function createAuthRoutes({ accounts, identities, address }: AuthRoutesDeps): Router {
  const router = Router();
  const onlyPost = methodNotAllowed('POST');

  function clientOf(request: Request): ClientInfo {
    return { addressKey: address.keyOf(request), label: request.get('user-agent') ?? '' };
  }

  function answer(response: Response, grant: SessionGrant): void {
    identities.setCookie(response, grant.token, grant.expiresAt);
    response.json({ user: grant.user, token: grant.token, expiresAt: grant.expiresAt });
  }

  router
    .route('/api/auth/signup')
    .post(async (request, response) => {
      const grant = await accounts.signup(parse(signupBodySchema, request.body), clientOf(request));
      response.status(201);
      answer(response, grant);
    })
    .all(onlyPost);

  router
    .route('/api/auth/login')
    .post(async (request, response) => answer(response, await accounts.login(parse(loginBodySchema, request.body), clientOf(request))))
    .all(onlyPost);

  router
    .route('/api/auth/exchange')
    .post(async (request, response) => answer(response, await accounts.exchange(parse(exchangeBodySchema, request.body).code)))
    .all(onlyPost);

  router
    .route('/api/auth/logout')
    .post(async (request, response) => {
      // Whoever is signed out already gets the same answer: the wish is fulfilled.
      const identity = await identities.identify(request);
      if (identity !== null) await accounts.logout(identity.sid);
      identities.setCookie(response, '', null);
      response.status(204).end();
    })
    .all(onlyPost);

  router
    .route('/api/auth/password')
    .post(async (request, response) => {
      const { user, sid } = await identities.require(request);
      const { current, next } = parse(passwordBodySchema, request.body);
      await accounts.changePassword(user.id, sid, current, next);
      response.status(204).end();
    })
    .all(onlyPost);

  router
    .route('/api/auth/me')
    .get(async (request, response) => {
      const { user } = await identities.require(request);
      response.json({ user });
    })
    .all(methodNotAllowed('GET'));

  return router;
}
