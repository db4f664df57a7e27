import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

const { plainCode }: { readonly plainCode: (code: string) => string | null } = await import(
  new URL('../../scripts/plain-code.mjs', import.meta.url).href
);

/** What the program ends with. */
function valueOf(code: string | null): unknown {
  return runInNewContext(String(code), { require: createRequire(import.meta.url) });
}

describe('code for V8 in ASCII', () => {
  it.each([
    ['texts', String.raw`"سلام 😀" + 'a\é' + "\\é" + "\\\é"`],
    ['templates', String.raw`${'`'}«$\{1 + 1}» é \é \\é${'`'}`.replace('$\\{', '${')],
    ['characters behind a backslash in a pattern', String.raw`[/\é\\é/.test("é\\é"), /^[\é-ÿ]+$/.test("éÿ")].join()`],
    ['patterns of whole characters', String.raw`[/^[😀-😂]$/u.test("😁"), /^.$/u.exec("😁")[0], /^[😀\p{L}]+$/v.test("é😀")].join()`],
    ['names of members', '({ "قهوه": 3 })["قهوه"]'],
  ])('says the same with %s', (_, code) => {
    const plain = plainCode(code);
    expect(plain).toMatch(/^[\x00-\x7f]+$/);
    expect(valueOf(plain)).toBe(valueOf(code));
  });

  it.each(['String.raw`é`', 'const π = 3; π', '({ é: 1 })'])('leaves alone what sees its own source or is no text: %s', (code) => {
    expect(plainCode(code)).toBe(null);
  });

  it('requires a package when it is wanted, with the names and the default that an import gives', async () => {
    const code = plainCode('import("pino").then((all) => [typeof all.default, typeof all.pino, all.default === all.pino].join())');
    expect(code).not.toContain('import(');
    expect(await valueOf(code)).toBe('function,function,true');
  });

  it('does not touch a text that speaks of an import', () => {
    const code = '`write await import("sharp") there`';
    expect(plainCode(code)).toBe(code);
  });
});
