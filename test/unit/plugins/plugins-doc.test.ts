import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkPlugin } from '../../../src/core/plugins/check-plugin.ts';
import plugin from '../../fixtures/plugins/tea-house/plugin.ts';
// The example brings its own test, which runs here.
import '../../fixtures/plugins/tea-house/plugin.test.ts';

const free = { kindOwner: () => undefined, modelOwner: () => undefined, chatModelOwner: () => undefined, commandRefusal: () => null };

describe('the plugin in docs/plugins.md', () => {
  it('is, to the letter, one that is checked and works', async () => {
    const chapter = (await readFile('docs/plugins.md', 'utf8')).split('## Taking part in the conversation')[1] ?? '';
    const printed = [...chapter.matchAll(/^`([\w.]+)` .*:\n\n```ts\n([^]*?)```/gm)].map(([, file = '', code = '']) => ({ file, code }));
    expect(printed.map(({ file }) => file)).toEqual(['plugin.ts', 'waiter.ts', 'plugin.test.ts']);
    for (const { file, code } of printed) expect(code).toBe(await readFile(`test/fixtures/plugins/tea-house/${file}`, 'utf8'));
    expect(checkPlugin(plugin, 'tea-house', free)).toEqual({ definition: plugin });
  });
});
