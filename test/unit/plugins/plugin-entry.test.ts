import { expect, it } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '../../../src/core/index.ts';
import { PluginEntry } from '../../../src/services/plugins/plugin-entry.ts';

it('a configuration of an older version keeps what still fits, and its other values give way to the defaults', () => {
  const definition = definePlugin({
    ...{ name: 'aged', version: '2.0.0', apiVersion: 1, title: { en: 'Aged' }, description: { en: 'Of a test.' } },
    config: z.object({ model: z.string().default('small'), tile: z.int().max(256).default(64) }),
    setup: () => ({}),
  });
  const found = { name: 'aged', moduleUrl: '', folder: '' };
  const entry = new PluginEntry({ name: 'aged', found, definition, refusal: null });
  expect(entry.accept({ id: 'aged', enabled: true, config: { model: 'large', tile: 512, gone: true } })).toBe(false);
  expect(entry.config).toEqual({ model: 'large', tile: 64 });
  expect(entry.accept({ id: 'aged', enabled: true, config: { tile: 128 } })).toBe(true);
  expect(entry.config).toEqual({ model: 'small', tile: 128 });
});
