import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

describe('docs/performance.md and docs/capacity.md', () => {
  it('hold no figure but those of the published results', async () => {
    const { stderr } = await run(process.execPath, ['bench/run.mjs', '--check-documents']).catch((error: { stderr: string }) => error);
    expect(stderr).toBe('');
  });
});
