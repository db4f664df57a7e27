import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeamTrimmer } from '../../../src/services/generations/seam-trimmer.ts';

/** The continuation as it would be shown, given to the trimmer in pieces of `size`. */
function joined(before: string, continuation: string, size = continuation.length): string {
  const trimmer = new SeamTrimmer(before);
  let shown = '';
  for (let at = 0; at < continuation.length; at += Math.max(1, size)) shown += trimmer.push(continuation.slice(at, at + Math.max(1, size)));
  return before + shown + trimmer.flush();
}

const sizes = [1, 2, 5, 1000];

describe('the seam of a continued answer', () => {
  it.each([
    [
      'the last words again',
      'Paris is the capital of France and',
      'the capital of France and its largest city.',
      'Paris is the capital of France and its largest city.',
    ],
    [
      'with a space before them',
      'Paris is the capital of France and',
      ' the capital of France and its',
      'Paris is the capital of France and its',
    ],
    [
      'the whole answer again',
      'One. Two is a number, and three',
      'One. Two is a number, and three is another.',
      'One. Two is a number, and three is another.',
    ],
    ['the cut word again', 'The quick bro', 'brown fox', 'The quick brown fox'],
    ['the cut name in code again', '```js\nconst item = 1;\nx.map(item', 'items.length)', '```js\nconst item = 1;\nx.map(items.length)'],
    ['the cut word with what led to it', 'A list:\n- App', '- Apple\n- Pear', 'A list:\n- Apple\n- Pear'],
    ['a heading that was cut', 'Text.\n\n## Head', '## Heading two', 'Text.\n\n## Heading two'],
    [
      'a long sentence that had ended',
      `${'It was the best of times, it was the worst of times, it was the age of wisdom and of light.'} `,
      'It was the best of times, it was the worst of times, it was the age of wisdom and of light. Then',
      'It was the best of times, it was the worst of times, it was the age of wisdom and of light. Then',
    ],
    ['Persian words again', 'پایتخت ایران شهر تهران است و', 'ایران شهر تهران است و جمعیت', 'پایتخت ایران شهر تهران است و جمعیت'],
    ['the code block again', '```python\nimport os\nprint(', "```python\nprint('x')\n```", "```python\nimport os\nprint('x')\n```"],
    [
      'the code block again, without a repetition',
      '```js\nconst a = 1;\n',
      '```js\nconst b = 2;\n```',
      '```js\nconst a = 1;\nconst b = 2;\n```',
    ],
    [
      'the code block again from its first line',
      '```py\nimport os\n\nprint(',
      "```py\nimport os\n\nprint('x')",
      "```py\nimport os\n\nprint('x')",
    ],
    ['the code block again, with a space before its language', '``` js\na();\n', '``` js\nb();', '``` js\na();\nb();'],
    ['the code block again, after lines that end as on Windows', '```js\r\na();\r\n', '```js\nb();', '```js\r\na();\r\nb();'],
    [
      'no space after a sentence behind such a block',
      '```js\r\na();\r\n```\r\nIt is done.',
      'Then.',
      '```js\r\na();\r\n```\r\nIt is done. Then.',
    ],
    ['the cut first line of a block again', 'Code:\n```py', '```python\nimport os', 'Code:\n```python\nimport os'],
    ['the first line of a block again, whose end was cut', '```python', '```python\nimport os', '```python\nimport os'],
    ['a second space', 'one ', ' two', 'one two'],
    ['no space after a sentence', 'It is done.', 'Then it ended.', 'It is done. Then it ended.'],
  ])('is mended where the model wrote %s', (_what, before, continuation, whole) => {
    for (const size of sizes) expect(joined(before, continuation, size)).toBe(whole);
  });

  it.each([
    ['ha ', 'ha ha'],
    ['very, very, ', 'very, very good'],
    ['It happened again and', ' again and again.'],
    ['knock knock, knock knock, ', 'knock knock, who is there'],
    ['haha', 'hahaha'],
    ['ACGT', 'ACGTACGTAC'],
    ['The number is 1', '100'],
    ['can', 'can'],
    ['console.log("hello");\n', 'console.log("hello");\nconsole.log("hello");'],
    ['| a long row | of words | in a table |\n', '| a long row | of words | in a table |\n'],
    ['Twinkle, twinkle, little star\n', 'Twinkle, twinkle, little star\n'],
    ['```html\n  </div>\n', '  </div>\n</div>'],
    ['```python\nx = 1\n', '```\nThat was it.'],
    ['```python\nif x:\n ', '   return'],
    ['See example.', 'com for more'],
    ['`Node.', 'Js` it'],
    ['line  ', '\nnext'],
    ['word', 'play and more'],
    ['The end', '\n\nThe end of it'],
    ['', 'anything at all'],
    ['```python', '\nimport os'],
    ['```md\n', '```md and ```js is\n'],
    ['```', 'python\nimport os'],
    // A whole word, and a next one that begins like it.
    ['He said that the', ' theory is wrong'],
    ['It was moved to', ' tomorrow morning'],
    ['He went on to the', '\ntheory of it'],
    ['We use', ' user input'],
    ['این کتاب کم', ' کمتر از آن است'],
    ['I can swim. How can', 'candidates apply?'],
    ['call `a Math.', 'Floor` of it'],
    ['call `a b ', ' c`'],
  ])('lets through what may be meant: %j + %j', (before, continuation) => {
    for (const size of sizes) expect(joined(before, continuation, size)).toBe(before + continuation);
  });

  it('only ever takes from the beginning what the end has, or one kind of white space', () => {
    const word = fc.constantFrom('a', 'bro', 'brown', 'the ', ' quick ', 'fox. ', 'The', '\n', '```js\n', '```', 'ha', '1', '، و ', '  ');
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 9 }), (before, continuation, size) => {
        const shown = joined(before, continuation, size).slice(before.length);
        if (shown === continuation || shown === ` ${continuation}`) return;
        expect(continuation.endsWith(shown)).toBe(true);
        const cut = continuation.slice(0, continuation.length - shown.length);
        const fence = /^\s*(?:`{3,}|~{3,})[ \t]*[^\s`]+[^\n`]*\n/.exec(cut)?.[0] ?? '';
        expect(
          before.endsWith(cut) ||
            before.endsWith(cut.trimStart()) ||
            before.endsWith(cut.slice(fence.length)) ||
            before.endsWith(cut.slice(fence.length).trimStart()),
        ).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('shows the same, however the text is cut into pieces', () => {
    const word = fc.constantFrom('alpha ', 'beta ', 'gamma', ' delta', '. ', 'The ', '\n', '```js\n', 'ha');
    const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 9 }), (before, continuation, size) => {
        expect(joined(before, continuation, size)).toBe(joined(before, continuation));
      }),
      { numRuns: 2000 },
    );
  });

  it('decides soon: what is new is not held back', () => {
    const trimmer = new SeamTrimmer('The quick brown fox');
    expect(trimmer.push(' jumps')).toBe(' jumps');
    expect(trimmer.push(' over')).toBe(' over');
  });

  it('stays quick where everything is the same', () => {
    const before = 'a '.repeat(50_000);
    const trimmer = new SeamTrimmer(before);
    let shown = 0;
    for (let n = 0; n < 100; n += 1) shown += trimmer.push('a '.repeat(50)).length;
    shown += trimmer.flush().length;
    expect(shown).toBe(10_000);
  });
});
