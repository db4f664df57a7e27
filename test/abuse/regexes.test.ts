import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

interface Found {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

function regexesIn(file: string): Found[] {
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push({ where: `${file}:${line + 1} ${node.text}`, source, flags });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const files = ['src', 'public/app'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name)),
);
const all = files.flatMap(regexesIn);

/** Patterns that need the square of the length, on texts that are short by what stands before them. */
const bounded = new Map(
  (
    [
      [/\/+$/, 'an address of the configuration'],
      [/[.。:؛،,]+$/, 'a title of 60 characters'],
      [/[\s.,:؛،]+$/, 'a title of 60 characters'],
      [/^\s*(`{3,}|~{3,})[ \t]*([^\s`]+)[^\n`]*\n/, 'the first 100 characters of a continued answer'],
      [/\p{L}+$/u, 'the last 100 characters of an answer'],
      [/.*\/((?:src|dist|plugins|test)\/.+)$/, 'the name of a file in a stack that was cut'],
    ] as const
  ).map(([pattern, text]) => [pattern.source, text]),
);

/** What parsers repeat. */
const pumps = [
  ' ',
  '\t',
  '\n',
  '\r\n',
  'a',
  'A',
  '0',
  '1.',
  '-',
  '--',
  '_',
  '/',
  '//',
  '[',
  '](',
  '(',
  '*',
  '`',
  '<',
  '<a ',
  '"',
  "'",
  '\\',
  '=',
  ',',
  ', ',
  ';',
  ':',
  '::',
  '@',
  '#',
  '%',
  '%00',
  '&',
  '&#',
  '.',
  'aA0',
  'x@',
  'é',
  'ی',
  '\u200b',
  '😀',
];
const tails = ['', '!', '\u0000'];

/** In ms of the processor, since on a busy machine the clock runs on while others work. */
function timeOf(regex: RegExp, text: string): number {
  const begun = process.cpuUsage();
  if (regex.global) for (const _ of text.matchAll(regex)) continue;
  else regex.test(text);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

describe('the regular expressions of the server and the page (PROMISES R21)', () => {
  it('are found at all', () => {
    expect(all.length).toBeGreaterThan(60);
  });

  // The growth tells: four times the text takes four times as long when the work is linear, sixteen times when it is quadratic.
  it('take time in proportion to the text', () => {
    const slow = all.flatMap(({ where, source, flags }) => {
      if (bounded.has(source)) return [];
      const regex = new RegExp(source, flags.replace('y', ''));
      const pump = pumpsFor(source).find((candidate) => tails.some((tail) => isSlow(regex, candidate, tail)));
      return pump === undefined ? [] : [`${where} on ${JSON.stringify(pump)}`];
    });
    expect(slow).toEqual([]);
  });
});

/** With the pattern's own letters, alone and two by two: only they can lead it into a long search. */
function pumpsFor(source: string): string[] {
  const own = [...new Set(source.replaceAll(/\\[a-zA-Z]|\{\d+(,\d*)?\}|[\\^$?*+()|]/g, ''))].slice(0, 24);
  const pairs = own.slice(1).map((letter, index) => `${own[index] ?? ''}${letter}`);
  return [...new Set([...pumps, ...own, ...pairs])];
}

/** Small texts first: a pattern that is worse than quadratic never gets the big ones. What looks slow is looked at again with care. */
function isSlow(regex: RegExp, pump: string, tail: string): boolean {
  const text = (length: number) => pump.repeat(Math.ceil(length / pump.length)) + tail;
  let before = 0;
  for (const length of [30, 500, 2_000, 8_000]) {
    const time = timeOf(regex, text(length));
    if (time > 2 && time > before * 8) return growsTooFast(regex, text, length);
    before = time;
  }
  return false;
}

/** By the best of several tries, so that a pause of the machine does not count. */
function growsTooFast(regex: RegExp, text: (length: number) => string, length: number): boolean {
  const best = (size: number) => Math.min(...Array.from({ length: 7 }, () => timeOf(regex, text(size))));
  const [once, fourfold] = [best(length), best(length * 4)];
  return fourfold > 10 && fourfold > once * 9;
}
