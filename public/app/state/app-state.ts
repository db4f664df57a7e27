import { effect, untracked } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { CommandInfo } from '../../../src/protocol/shapes.ts';
import { type Composing, createComposing } from './composing.ts';
import { type Connection, createConnection } from './connection.ts';
import { type Conversations, createConversations } from './conversations.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { createFlowView, type FlowView } from './flow-view.ts';
import { createGenerations, type Generations } from './generation.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { createMessages, type Messages } from './messages.ts';
import { createNotices, type Notices } from './notices.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createPendingJobs, type PendingJobs } from './pending-jobs.ts';
import { createPlugins, type Plugins } from './plugins.ts';
import type { Clock, KeyValueStore, NextFrame, OpenSocket, Sha256 } from './ports.ts';
import { createRest, type Rest, type RestDeps } from './rest.ts';
import { createRouter, type Router, type RouterDeps } from './router.ts';
import { createSession, type Session } from './session.ts';
import { createSettings, type SettingsStore } from './settings.ts';
import { createSurface, type Surface } from './surface.ts';

export interface AppStateDeps {
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly isOnline: () => boolean;
  readonly openSocket: OpenSocket;
  readonly fetch: RestDeps['fetch'];
  readonly nextFrame: NextFrame;
  readonly sha256: Sha256;
  readonly router: RouterDeps;
  readonly locale: () => string;
}

/** Everything that the page knows, without a single element of it. */
export interface AppState {
  readonly rest: Rest;
  readonly connection: Connection;
  readonly session: Session;
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly flow: FlowView;
  readonly generations: Generations;
  readonly outbox: Outbox;
  readonly settings: SettingsStore;
  readonly drafts: Drafts;
  readonly composing: Composing;
  readonly notices: Notices;
  readonly jobs: Jobs;
  readonly pendingJobs: PendingJobs;
  readonly plugins: Plugins;
  readonly surface: Surface;
  readonly router: Router;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Looks for the session, opens the socket and the conversation of the address. @returns how to end it all */
  start(): () => void;
}

/** A page whose socket does not open within this time asks by HTTP who is signed in. */
const socketPatienceMs = 4000;

/** Wires the stores. The order in `receive` matters: the outbox gives an entry up in the same step in which its message appears. */
export function createAppState(deps: AppStateDeps): AppState {
  const session = createSession({ rest: () => rest });
  const rest = createRest({ ...deps, onUnauthenticated: () => session.expire() });
  const connection: Connection = createConnection({
    ...deps,
    hello: (fresh) => ({ locale: deps.locale(), ...(fresh ? {} : { resume: generations.resume() }) }),
  });
  const settings = createSettings({ connection });
  const router = createRouter(deps.router);
  const conversations = createConversations({ ...deps, rest });
  const messages = createMessages({
    connection,
    rest,
    onOpened: (conversation, own) => settings.setConversation(conversation.id, own),
  });
  const generations: Generations = createGenerations({
    ...deps,
    send: (frame) => connection.send(frame),
    thread: (id) => messages.thread(id),
    reload: (id) => void messages.refresh(id),
  });
  messages.useGenerations(generations);
  const frameBytes = () => settings.info.peek()?.limits.frameBytes ?? 0;
  const outbox = createOutbox({
    ...deps,
    frameBytes,
    send: (frame) => connection.send(frame),
    isBusy: (id) => generations.running.peek().has(id),
  });
  const drafts = createDrafts({ ...deps, frameBytes, request: (frame) => connection.request(frame) });
  const jobs = createJobs({ rest });
  const pendingJobs = createPendingJobs({
    ...deps,
    ...{ rest, jobs },
    hasMessage: (conversationId, messageId) => messages.thread(conversationId)?.message(messageId) !== undefined,
    reload: (id) => void messages.refresh(id),
  });
  const state: Omit<AppState, 'start'> = {
    ...{ rest, connection, session, conversations, messages, generations, outbox, settings, drafts },
    ...{ jobs, pendingJobs, plugins: createPlugins({ rest }), surface: createSurface({ ...deps, rest, connection }) },
    notices: createNotices(),
    composing: createComposing(),
    router,
    flow: createFlowView({ ...deps, messages, router }),
    clock: deps.clock,
    newId: deps.newId,
  };
  return { ...state, start: () => startState(state, deps) };
}

function startState(state: Omit<AppState, 'start'>, { locale, nextFrame }: Pick<AppStateDeps, 'locale' | 'nextFrame'>): () => void {
  const { connection, session, messages, router, conversations } = state;
  const socket: SocketOwner = { userId: undefined, doubted: false };
  const ends = [
    connection.onWelcome((frame) => {
      welcomed(state, frame, socket);
      // The largest answer of the start, and nothing that one begins with needs it: the page is drawn before.
      nextFrame(() => {
        if (session.value.peek().state === 'signed-in') void state.plugins.load();
      });
    }),
    connection.onFrame((frame) => received(state, frame)),
    connection.onFrame(({ type }) => {
      if (type === 'plugins.updated') void readCommands(state, locale());
    }),
    followUser(state, socket),
    followAnswers(state),
    effect(() => {
      const status = connection.status.value;
      if (status.state === 'stopped' && status.stopCode === 4401) session.expire();
    }),
    effect(() => {
      const { conversationId } = router.route.value;
      if (session.value.value.state === 'signed-in') void messages.open(conversationId);
    }),
  ];
  connection.start();
  // The socket says who is signed in; where it cannot be opened, the page at least knows whom it is for.
  const cancelCheck = state.clock.after(socketPatienceMs, () => {
    if (session.value.peek().state === 'checking') void session.check();
  });
  return () => {
    cancelCheck();
    for (const end of ends) end();
    connection.stop();
    conversations.clear();
    messages.clear();
    state.generations.clear();
    clearWork(state);
    state.outbox.unload();
    state.drafts.unload();
  };
}

/** For whom the server opened the socket; undefined until it has said so. */
interface SocketOwner {
  userId: string | null | undefined;
  doubted: boolean;
}

/** Another user, or none, sees nothing of the one before; what was not sent stays in the storage of its owner. */
function followUser(state: Omit<AppState, 'start'>, socket: SocketOwner): () => void {
  let shown: string | null = null;
  return effect(() => {
    const now = state.session.value.value;
    const userId = now.state === 'signed-in' ? now.user.id : null;
    if (userId === shown) return;
    if (shown !== null) {
      state.conversations.clear();
      state.messages.clear();
      state.generations.clear();
      state.notices.clear();
      state.composing.clear();
      clearWork(state);
      state.outbox.unload();
      // Whoever the server signed out may be back in a moment. Else: what lies there is fetched again, and nobody is to find it here.
      if (now.state === 'anonymous' && now.ended) state.drafts.unload();
      else state.drafts.forget();
    }
    shown = userId;
    if (userId !== null) {
      state.outbox.load(userId);
      state.drafts.load(userId);
      void state.conversations.load();
    }
    const stopped = state.connection.status.peek().state === 'stopped';
    if (stopped || (socket.userId !== undefined && socket.userId !== userId)) reopen(state, socket);
    else if (socket.userId === userId && userId !== null) state.outbox.flush();
  });
}

/** What waits in the outbox for an answer goes when that one has ended. */
function followAnswers({ generations, outbox }: Pick<AppState, 'generations' | 'outbox'>): () => void {
  let before: ReadonlySet<string> = new Set();
  return effect(() => {
    const running = new Set(generations.running.value.keys());
    const ended = [...before].filter((id) => !running.has(id));
    before = running;
    untracked(() => {
      for (const id of ended) outbox.wake(id);
    });
  });
}

function reopen(state: Omit<AppState, 'start'>, socket: SocketOwner): void {
  socket.userId = undefined;
  state.connection.restart();
}

function welcomed(state: Omit<AppState, 'start'>, frame: ServerFrameOf<'welcome'>, socket: SocketOwner): void {
  socket.userId = frame.user?.id ?? null;
  state.settings.welcome(frame);
  state.surface.welcome(frame);
  state.session.confirm(frame.user);
  if (frame.user === null) {
    void doubt(state, socket);
    return;
  }
  socket.doubted = false;
  state.generations.sync(frame.running, true);
  state.outbox.flush();
  state.jobs.welcome(frame.jobs);
  state.pendingJobs.flush();
  // A server of an earlier version knows nothing of drafts: that is not the same as having none.
  if (frame.drafts !== undefined) state.drafts.welcome(frame.drafts);
  void state.messages.refresh();
  if (state.conversations.main.phase.peek() !== 'loading') void state.conversations.load();
}

/** The socket knows nobody though the page does: it was opened before the sign-in was done, or the session is over. */
async function doubt(state: Omit<AppState, 'start'>, socket: SocketOwner): Promise<void> {
  if (state.session.value.peek().state !== 'signed-in' || socket.doubted) return;
  socket.doubted = true;
  await state.session.check();
  if (state.session.value.peek().state === 'signed-in' && socket.userId === null) reopen(state, socket);
}

function received(state: Omit<AppState, 'start'>, frame: ServerFrame): void {
  if (frame.type === 'message.accepted') accepted(state, frame);
  else {
    state.outbox.receive(frame);
    state.messages.receive(frame);
  }
  state.generations.receive(frame);
  state.conversations.receive(frame);
  state.settings.receive(frame);
  state.drafts.receive(frame);
  state.jobs.receive(frame);
  state.pendingJobs.receive(frame);
  state.plugins.receive(frame);
  state.surface.receive(frame);
  if (frame.type === 'conversation.deleted' && state.router.route.peek().conversationId === frame.conversationId) state.router.go(null);
}

/** What the commands are is said with `welcome`; a plugin that comes or goes changes them later. */
async function readCommands({ rest, settings }: Omit<AppState, 'start'>, locale: string): Promise<void> {
  const page = await rest.get<Page<CommandInfo>>(`/api/commands?locale=${locale}`).catch(() => null);
  if (page !== null) settings.setCommands(page.items);
}

function clearWork({ jobs, pendingJobs, plugins }: Omit<AppState, 'start'>): void {
  pendingJobs.clear();
  jobs.clear();
  plugins.clear();
}

function accepted(state: Omit<AppState, 'start'>, frame: ServerFrameOf<'message.accepted'>): void {
  const entry = state.outbox.entries.peek().find((one) => one.id === frame.clientMessageId);
  state.messages.accept(frame);
  state.generations.begin(frame.generationId, frame.answer);
  state.outbox.receive(frame);
  state.conversations.upsert(frame.conversation);
  const { page, conversationId } = state.router.route.peek();
  if (entry?.conversationId === null && page === 'chat' && conversationId === null) settleIn(state, frame.conversation.id);
}

/** The first message gave the conversation its address: what is being typed moves along. */
function settleIn(state: Omit<AppState, 'start'>, conversationId: string): void {
  const now = state.session.value.peek();
  if (now.state === 'signed-in') {
    state.drafts.write(now.user.id, conversationId, state.drafts.read(now.user.id, null));
    state.drafts.write(now.user.id, null, '');
  }
  state.notices.move(null, conversationId);
  state.router.go(conversationId, 'replace');
}
