import type { ChatRequest } from './host-protocol.ts';

/** A model request whose pictures are still to be loaded; fits `ModelRequest` of the core. */
export interface ChatOrder {
  readonly plugin: string;
  readonly model: string;
  readonly request: Omit<ChatRequest, 'turns'> & {
    readonly turns: readonly (Omit<ChatRequest['turns'][number], 'images'> & {
      readonly images: readonly { readonly mime: string; readonly load: () => Promise<Uint8Array> }[];
    })[];
  };
}

export async function loadTurn(turn: ChatOrder['request']['turns'][number]): Promise<ChatRequest['turns'][number]> {
  const images = await Promise.all(turn.images.map(async ({ mime, load }) => ({ mime, data: await load() })));
  return { ...turn, images };
}
