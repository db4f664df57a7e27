import { type ReadonlySignal, signal } from '@preact/signals';
import type { LoginBody, SignupBody } from '../../../src/protocol/rest.ts';
import type { User } from '../../../src/protocol/shapes.ts';
import { toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

/** `ended`: signed out by the server or another tab, to be said on the sign-in page. */
export type SessionState =
  | { readonly state: 'checking' }
  | { readonly state: 'anonymous'; readonly ended: boolean }
  | { readonly state: 'signed-in'; readonly user: User };

export interface Session {
  readonly value: ReadonlySignal<SessionState>;
  /** Asks who is signed in; while the server cannot be reached the state stays `checking`. @returns false then */
  check(): Promise<boolean>;
  /** @throws RequestError */
  login(body: LoginBody): Promise<void>;
  /** @throws RequestError */
  signup(body: SignupBody): Promise<void>;
  /** Trades the code that a command got over the socket for the cookie. @throws RequestError */
  exchange(code: string): Promise<void>;
  /** @throws RequestError */
  changePassword(current: string, next: string): Promise<void>;
  logout(): Promise<void>;
  /** What `welcome` says about the user; null is news only while nothing else is known. */
  confirm(user: User | null): void;
  expire(): void;
}

interface UserAnswer {
  readonly user: User;
}

export function createSession(deps: { rest: () => Rest }): Session {
  const value = signal<SessionState>({ state: 'checking' });
  const enter = ({ user }: UserAnswer) => {
    value.value = { state: 'signed-in', user };
  };
  const leave = (ended: boolean) => {
    value.value = { state: 'anonymous', ended };
  };

  return {
    value,
    async check() {
      try {
        enter(await deps.rest().get<UserAnswer>('/api/auth/me'));
        return true;
      } catch (cause) {
        if (toRequestError(cause).code !== 'UNAUTHENTICATED') return false;
        leave(false);
        return true;
      }
    },
    login: async (body) => enter(await deps.rest().post<UserAnswer>('/api/auth/login', body)),
    signup: async (body) => enter(await deps.rest().post<UserAnswer>('/api/auth/signup', body)),
    exchange: async (code) => enter(await deps.rest().post<UserAnswer>('/api/auth/exchange', { code })),
    async changePassword(current, next) {
      await deps.rest().post('/api/auth/password', { current, next });
    },
    async logout() {
      await deps.rest().post('/api/auth/logout');
      leave(false);
    },
    confirm(user) {
      if (user !== null) enter({ user });
      else if (value.peek().state === 'checking') leave(false);
    },
    expire() {
      if (value.peek().state === 'signed-in') leave(true);
    },
  };
}
