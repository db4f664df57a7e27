import { describe, expect, it } from 'vitest';
import type { ModelSession, Tensor } from '#core';
import { createClipTokenizer } from './clip-tokenizer.ts';
import { encodeText, encodeTextTwice, silence } from './text-encoding.ts';

const tokenizer = createClipTokenizer({ vocabulary: { 'a</w>': 5, '<|startoftext|>': 1, '<|endoftext|>': 2 }, merges: '' });

interface Shape {
  readonly names: readonly string[];
  readonly length?: number;
}

/** An encoder whose every output holds the ids, times its own place among the outputs. */
function encoder({ names, length }: Shape): ModelSession {
  return {
    model: 'words',
    provider: 'cpu',
    providerReason: '',
    inputs: [{ name: 'input_ids', type: 'int64', shape: ['batch', length ?? 'sequence'] }],
    outputs: names.map((name) => ({ name, type: 'float32', shape: [] })),
    run: async (feeds) => {
      const ids = Array.from(feeds['input_ids']?.data ?? [], Number);
      const output = (place: number): Tensor => ({
        type: 'float32',
        dims: [1, ids.length, 1],
        data: Float32Array.from(ids, (id) => id * place),
      });
      return Object.fromEntries(names.map((name, place) => [name, output(place + 1)]));
    },
  };
}

describe('hearing a text', () => {
  it('takes the length from the graph where it is fixed, else 77', async () => {
    expect(await encodeText(encoder({ names: ['last_hidden_state'], length: 4 }), tokenizer, 'a')).toMatchObject({
      tokens: 4,
      width: 1,
      pooled: null,
      hidden: Float32Array.of(1, 5, 2, 2),
    });
    expect((await encodeText(encoder({ names: ['last_hidden_state'] }), tokenizer, 'a')).tokens).toBe(77);
  });

  it('lays the last states but one of two encoders side by side', async () => {
    const first = encoder({ names: ['last_hidden_state', 'hidden_states.0', 'hidden_states.1', 'hidden_states.2'], length: 3 });
    const second = encoder({ names: ['text_embeds', 'hidden_states.0', 'hidden_states.1'], length: 3 });
    const heard = await encodeTextTwice([first, second], [tokenizer, tokenizer], 'a');
    expect(heard).toMatchObject({ tokens: 3, width: 2, pooled: Float32Array.of(1, 5, 2) });
    expect([...heard.hidden]).toEqual([3, 2, 15, 10, 6, 4]);
    expect(silence(heard)).toMatchObject({ hidden: new Float32Array(6), pooled: new Float32Array(3), tokens: 3, width: 2 });
  });

  it('says how to export again when SDXL has no hidden states', async () => {
    const bare = encoder({ names: ['last_hidden_state', 'text_embeds'], length: 3 });
    await expect(encodeTextTwice([bare, bare], [tokenizer, tokenizer], 'a')).rejects.toThrow('optimum');
  });
});
