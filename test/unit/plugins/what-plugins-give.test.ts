import { describe, expect, it } from 'vitest';
import { checkOutput } from '../../../src/core/plugins/check-output.ts';
import { asPluginError } from '../../../src/core/plugins/plugin-error.ts';
import { readChatEvent } from '../../../src/infrastructure/inference/chat-event.ts';
import { AppError } from '../../../src/lib/app-error.ts';

describe('what a plugin throws', () => {
  it('keeps its words for the person, cut to a size that can be stored, with plain parameters only', () => {
    const params: Record<string, unknown> = { name: 'x', many: 'y'.repeat(1e6), code: () => 1, nested: {}, ['k'.repeat(1e6)]: 1 };
    const thrown = Object.assign(new AppError('BAD_REQUEST', { message: 'm'.repeat(20e6) }), { params });
    const error = asPluginError('trial', thrown);
    expect([error.code, error.message.length]).toEqual(['BAD_REQUEST', 4000]);
    expect(error.params).toEqual({ name: 'x', many: 'y'.repeat(4000) });
    expect(structuredClone(error.params)).toEqual(error.params);
  });

  it.each(['UNAUTHENTICATED', 'STORE_UNAVAILABLE', 'DRAINING', 'INTERNAL', 'PLUGIN_FAILED'] as const)(
    'is its own failure where it says %s, which is not about its work',
    (code) => {
      const error = asPluginError('trial', new AppError(code, { params: { plugin: 'another' } }));
      expect(error).toMatchObject({ code: 'PLUGIN_FAILED', params: { plugin: 'trial' } });
    },
  );
});

describe('what a processor gives', () => {
  it('can leave the process: data is as JSON has it', () => {
    const data = JSON.parse('{"boxes":[1]}');
    expect(checkOutput({ pictures: [], data: { ...data, run() {} } }).data).toEqual({ boxes: [1] });
    const deep = JSON.parse(`${'['.repeat(33)}1${']'.repeat(33)}`);
    expect(checkOutput({ pictures: [], data: deep[0] }).data).toEqual(deep[0]);
    expect(() => checkOutput({ pictures: [], data: deep })).toThrow('more than 32 levels');
    expect(() => checkOutput({ pictures: [], facts: { ['k'.repeat(65)]: 1 } })).toThrow('facts');
  });
});

describe('an event of a chat model', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  it.each([
    ['too long a text', { type: 'text', text: 'x'.repeat(1_048_577) }],
    ['too large a part', { type: 'raw', part: { x: 'x'.repeat(1_048_577) } }],
    ['a part that refers to itself', { type: 'raw', part: circle }],
    ['a type of no event', JSON.parse('{"type":"__proto__"}')],
  ])('is refused for %s', (_what, event) => {
    expect(() => readChatEvent('trial', event)).toThrow(expect.objectContaining({ code: 'PLUGIN_FAILED' }));
  });

  it('keeps of a part what can leave the process', () => {
    expect(readChatEvent('trial', { type: 'raw', part: { kept: 1, run() {} } })).toEqual({ type: 'raw', part: { kept: 1 } });
  });
});
