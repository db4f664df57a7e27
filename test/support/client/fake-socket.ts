import type { OpenSocket, SocketHandlers } from '../../../public/app/state/ports.ts';
import type { ClientFrame } from '../../../src/protocol/client-frames.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';

export interface FakeSocket {
  readonly sent: ClientFrame[];
  open(): void;
  deliver(frame: ServerFrame): void;
  /** The server or the network ends it. */
  drop(code: number): void;
  readonly closedByClient: boolean;
}

/** A server end for each socket that the client opens; nothing happens unless the test says so. */
export function createFakeSockets(): { sockets: FakeSocket[]; openSocket: OpenSocket; last(): FakeSocket } {
  const sockets: FakeSocket[] = [];
  const make = (handlers: SocketHandlers) => {
    const state = { closed: false };
    const socket: FakeSocket = {
      sent: [],
      open: handlers.open,
      deliver: (frame) => handlers.message(JSON.stringify(frame)),
      drop: handlers.close,
      get closedByClient() {
        return state.closed;
      },
    };
    return { socket, state };
  };
  return {
    sockets,
    openSocket(handlers) {
      const { socket, state } = make(handlers);
      sockets.push(socket);
      return {
        send: (data) => {
          socket.sent.push(JSON.parse(data) as ClientFrame);
        },
        close: () => {
          state.closed = true;
        },
      };
    },
    last() {
      const socket = sockets.at(-1);
      if (socket === undefined) throw new Error('no socket was opened');
      return socket;
    },
  };
}

export function welcomeFrame(change: Partial<ServerFrameOf<'welcome'>> = {}): ServerFrameOf<'welcome'> {
  return {
    type: 'welcome',
    version: 1,
    user: { id: 'u1', name: 'Sara', email: 'sara@example.org', role: 'user' },
    models: [],
    commands: [],
    settings: {},
    limits: {
      frameBytes: 65_536,
      textBytes: 49_152,
      framesPerMinute: 120,
      socketsPerUser: 8,
      generationsPerUser: 3,
      messagesPerMinute: 30,
      uploadBytes: 10_485_760,
      uploadPixels: 40_000_000,
      attachmentsPerMessage: 8,
      uploadSide: 12_000,
      jobs: 500,
      jobsPerUser: 50,
      jobMs: 1_800_000,
      uploadQuotaBytes: 1_073_741_824,
      historyBytes: 1_048_576,
      historyMessages: 200,
      socketQueueBytes: 1_048_576,
      socketQueueEvents: 2000,
      helloMs: 10_000,
      pingMs: 25_000,
      pongMs: 10_000,
      anonymousIdleMs: 600_000,
    },
    jobs: [],
    running: [],
    server: { version: '0.1.0', signup: 'open', demo: true },
    ...change,
  };
}
