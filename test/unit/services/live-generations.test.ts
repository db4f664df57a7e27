import { describe, expect, it } from 'vitest';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';
import { LiveGenerations } from '../../../src/services/generations/live-generation.ts';

const message = { id: 'm', conversationId: 'c', parts: [] } as never;

describe('answers that ended', () => {
  it('leave the memory when what plugins showed in them fills it, as texts do', () => {
    const lives = new LiveGenerations();
    const text = 'a'.repeat(12 * 1024 * 1024);
    for (const id of ['first', 'second', 'third']) {
      const log = new GenerationLog({ generationId: id, conversationId: 'c', messageId: 'm', epoch: 'e' }, message);
      log.appendPart({ type: 'element', elementId: 'e', kind: 'text', name: 'x', display: 'inline', text });
      lives.add({ record: { id, ownerId: 'ada' }, log } as never);
      lives.end(id, 0);
    }
    expect(['first', 'second', 'third'].map((id) => lives.logFor('ada', id) !== null)).toEqual([false, true, true]);
  });
});
