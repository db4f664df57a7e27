import type { OpenSocket } from '../state/ports.ts';
import type { HeldToken } from './held-token.ts';

/** A socket that says the token in its `hello`. Without one nobody is signed in, whatever a cookie of the same site may say. */
export function socketWithToken(token: HeldToken, open: OpenSocket): OpenSocket {
  return (handlers) => {
    let shown: string | null = null;
    const link = open({
      ...handlers,
      message: (data) => handlers.message(shown === null ? changed(data, 'welcome', { user: null }) : data),
    });
    return {
      close: () => link.close(),
      send(data) {
        if (typeOf(data) !== 'hello') return link.send(data);
        shown = token.get();
        link.send(shown === null ? data : changed(data, 'hello', { token: shown }));
      },
    };
  };
}

function changed(data: string, type: string, own: object): string {
  return typeOf(data) === type ? JSON.stringify({ ...parsed(data), ...own }) : data;
}

function typeOf(data: string): unknown {
  // Most frames are pieces of answers: only those that can be meant are looked into.
  const frame = /"type":"(hello|welcome)"/.test(data) ? parsed(data) : {};
  return 'type' in frame ? frame.type : undefined;
}

function parsed(data: string): object {
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null ? frame : {};
  } catch {
    return {};
  }
}
