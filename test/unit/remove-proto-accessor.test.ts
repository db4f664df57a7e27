import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** In a process of its own: what is taken away here would be missing in other tests. */
const program = `
  import { removeProtoAccessor } from './src/lib/remove-proto-accessor.ts';
  const merge = (target, source) => { for (const key of Object.keys(source)) Object.assign(target[key] ??= {}, source[key]); };
  const attack = () => { merge({}, JSON.parse('{"__proto__":{"polluted":true}}')); return {}.polluted === true; };
  const before = attack();
  delete Object.prototype.polluted;
  removeProtoAccessor();
  console.log(JSON.stringify({ before, after: attack(), still: Object.getPrototypeOf([]) === Array.prototype }));
`;

describe('the accessor __proto__', () => {
  it('is the way into every object, until it is taken away', () => {
    const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({ before: true, after: false, still: true });
  });
});
