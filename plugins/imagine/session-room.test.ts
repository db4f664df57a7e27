import { describe, expect, it } from 'vitest';
import type { ModelSession, ModelSessions } from '#core';
import { createClipTokenizer } from './clip-tokenizer.ts';
import type { GraphPart, ModelFolder } from './model-folder.ts';
import { stableDiffusionNoise } from './noise-config.ts';
import { createRoom, isTight } from './session-room.ts';

const gibibyte = 1024 ** 3;
const folder: ModelFolder = {
  kind: { family: 'sd', habit: 'classic' },
  noise: stableDiffusionNoise,
  scheduler: 'ddim',
  tokenizers: [createClipTokenizer({ vocabulary: {}, merges: '' })],
  latents: { scale: 1, shift: 0 },
  silentNegative: false,
  sizes: new Map<GraphPart, number>([
    ['text_encoder', gibibyte / 2],
    ['unet', 3 * gibibyte],
  ]),
};

const session: ModelSession = { model: 'sd15', provider: 'cpu', providerReason: '', inputs: [], outputs: [], run: async () => ({}) };

function sessions(seen: string[]): ModelSessions {
  return {
    open: async (name, options) => {
      seen.push(`open ${name} ${options?.file}`);
      return session;
    },
    close: async (name, file) => void seen.push(`close ${name} ${file}`),
    isInstalled: () => true,
    folder: () => '/',
  };
}

describe('the room for networks', () => {
  it('is short where the weights and the work do not fit into what was granted', () => {
    expect(isTight({ folder, mode: 'auto', grantedMb: 4000 })).toBe(true);
    expect(isTight({ folder, mode: 'auto', grantedMb: 4700 })).toBe(false);
    expect(isTight({ folder, mode: 'auto', grantedMb: 0 })).toBe(false);
    expect(isTight({ folder, mode: 'frugal', grantedMb: 64_000 })).toBe(true);
    expect(isTight({ folder, mode: 'warm', grantedMb: 100 })).toBe(false);
  });

  it('closes a network that is done with where it is short, and keeps it warm where it is not', async () => {
    const seen: string[] = [];
    const tight = createRoom(sessions(seen), { name: 'sd15', folder, mode: 'auto', grantedMb: 4000 });
    expect(await tight.open('text_encoder')).toBe(session);
    await tight.done('text_encoder');
    const wide = createRoom(sessions(seen), { name: 'sd15', folder, mode: 'auto', grantedMb: 9000 });
    await wide.done('unet');
    expect(seen).toEqual(['open sd15 text_encoder/model.onnx', 'close sd15 text_encoder/model.onnx']);
    expect([tight.has('unet'), tight.has('vae_encoder')]).toEqual([true, false]);
  });
});
