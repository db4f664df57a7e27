import { describe, expect, it } from 'vitest';
import { readSentences } from '../../../public/app/voice/read-sentences.ts';
import { createReader, type Speaker } from '../../../public/app/voice/reader.ts';
import { createSpeechInput, type Recognizer, type VoiceProblem } from '../../../public/app/voice/speech-input.ts';
import { spokenLanguage, writtenLanguage } from '../../../public/app/voice/speech-language.ts';

function microphone(text = '') {
  const world = { text, problems: [] as VoiceProblem[], opened: [] as Recognizer[], calls: [] as string[] };
  const input = createSpeechInput({
    read: () => world.text,
    write: (words) => {
      world.text = words;
    },
    onProblem: (problem) => world.problems.push(problem),
    open() {
      const recognizer: Recognizer = {
        ...{ lang: '', continuous: false, interimResults: false, onstart: null, onresult: null, onerror: null, onend: null },
        start: () => void world.calls.push('start'),
        stop: () => void world.calls.push('stop'),
        abort: () => void world.calls.push('abort'),
      };
      world.opened.push(recognizer);
      return recognizer;
    },
  });
  const hear = (...words: string[]) => world.opened.at(-1)?.onresult?.({ results: words.map((transcript) => [{ transcript }]) });
  return { world, input, hear };
}

describe('speaking instead of typing', () => {
  it('writes behind what stands there, and takes back what it had misheard', () => {
    const { world, input, hear } = microphone('Dear Ada,');
    input.start('fa-IR', true);
    expect([world.opened[0]?.lang, world.opened[0]?.continuous]).toEqual(['fa-IR', true]);
    hear('tank you');
    expect(world.text).toBe('Dear Ada, tank you');
    hear('thank you', 'very much');
    expect(world.text).toBe('Dear Ada, thank you very much');
  });

  it('leaves what somebody typed meanwhile as it is', () => {
    const { world, input, hear } = microphone();
    input.start('en-US', true);
    hear('hello');
    world.text = 'Hullo';
    hear('hello', 'world');
    expect(world.text).toBe('Hullo world');
  });

  it('hears nothing any more after it was cancelled', () => {
    const { world, input, hear } = microphone();
    input.start('en-US', true);
    input.cancel();
    hear('too late');
    expect([world.text, input.state.value, world.calls]).toEqual(['', 'idle', ['start', 'abort']]);
  });

  it('says why it cannot hear, and can be tried again', () => {
    const { world, input } = microphone();
    input.start('en-US', false);
    world.opened[0]?.onerror?.({ error: 'not-allowed' });
    world.opened[0]?.onend?.();
    expect([world.problems, input.state.value]).toEqual([['denied'], 'idle']);
    input.start('en-US', false);
    world.opened[1]?.onerror?.({ error: 'aborted' });
    world.opened[1]?.onerror?.({ error: 'something new' });
    expect(world.problems).toEqual(['denied', 'unknown']);
  });

  it('listens for the language of the page, in the dialect of the browser', () => {
    expect(spokenLanguage('fa', ['en-US'])).toBe('fa-IR');
    expect(spokenLanguage('en', ['fa-IR', 'en-GB'])).toBe('en-GB');
  });
});

describe('what is read aloud', () => {
  it('has no marks of Markdown, no addresses and no code', () => {
    const text =
      '## A plan\n\nRead [the **manual**](https://x.org/a). Then `run` it!\n\n```js\nconst a = 1.5;\n```\n- See https://example.org/deep/path?q=1';
    expect(readSentences(text, true, 'Code, left out.')).toEqual([
      ...['A plan', 'Read the manual.', 'Then run it!', 'Code, left out.', 'See example.org'],
    ]);
  });

  it('keeps numbers and names whole, and cuts what no browser reads to its end', () => {
    expect(readSentences('Version 2.5 of index.html is out. Take it.', true, '')).toEqual([
      'Version 2.5 of index.html is out.',
      'Take it.',
    ]);
    const long = readSentences(`${'word, '.repeat(100)}end.`, true, '');
    expect(long.length).toBeGreaterThan(2);
    expect(Math.max(...long.map(({ length }) => length))).toBeLessThanOrEqual(220);
    expect(long.join(' ').replaceAll(/\s+/g, ' ')).toBe(`${'word, '.repeat(100)}end.`);
  });

  it('leaves out the line and the code that are still being written', () => {
    expect(readSentences('One.\nTwo', false, '')).toEqual(['One.']);
    expect(readSentences('One.\n```\ncode\nmore', false, '')).toEqual(['One.']);
  });

  it('reads a table as its words', () => {
    expect(readSentences('| a | b |\n|---|---|\n| 1 | 2 |', true, '')).toEqual(['a, b', '1, 2']);
  });

  it('is in the language of its letters, whatever the page speaks', () => {
    expect(writtenLanguage('این متن فارسی است', 'en', ['en-US'])).toBe('fa-IR');
    expect(writtenLanguage('هذا نص عربي', 'en', ['en-US'])).toBe('ar-SA');
    expect(writtenLanguage('Plain words', 'fa', ['fa-IR'])).toBe('en-US');
    expect(writtenLanguage('Ein Satz', 'fa', ['de-DE', 'fa'])).toBe('de-DE');
  });
});

describe('the reader', () => {
  function setup(first: readonly string[], voice = true) {
    const world = { said: [] as string[], end: (_: boolean) => {}, ends: [] as string[], growing: true, text: [...first] };
    const speaker: Speaker = {
      say(words, _, ended) {
        if (voice) world.said.push(words);
        world.end = ended;
        return voice;
      },
      ...{ pause: () => {}, resume: () => {}, cancel: () => {} },
    };
    const reader = createReader({
      speaker,
      sentences: () => world.text,
      growing: () => world.growing,
      languageOf: () => 'fa-IR',
      onEnd: (why, language) => world.ends.push(`${why} ${language}`.trim()),
    });
    return { world, reader };
  }

  it('follows an answer that is being written, sentence after sentence, and ends with it', () => {
    const { world, reader } = setup(['One.']);
    reader.start();
    reader.look();
    expect(world.said).toEqual(['One.']);
    world.end(false);
    expect(world.ends).toEqual([]);
    world.text.push('Two.');
    reader.look();
    world.growing = false;
    world.end(false);
    expect([world.said, world.ends]).toEqual([['One.', 'Two.'], ['done']]);
  });

  it('says when the device has no voice for the language', () => {
    const { world, reader } = setup(['یک.'], false);
    reader.start();
    expect(world.ends).toEqual(['no-voice fa-IR']);
  });

  it('is silent after it was stopped', () => {
    const { world, reader } = setup(['One.', 'Two.']);
    reader.start();
    reader.stop();
    world.end(false);
    expect([world.said, world.ends]).toEqual([['One.'], []]);
  });
});
