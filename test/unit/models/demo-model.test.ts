import { describe, expect, it } from 'vitest';
import type { ModelEvent } from '../../../src/core/base/model-events.ts';
import type { ModelImage, ModelRequest } from '../../../src/core/base/model-interface.ts';
import { createDemoModel } from '../../../src/models/demo/demo-model.ts';
import { detectLanguage } from '../../../src/models/demo/detect-language.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const picture: ModelImage = { mime: 'image/webp', load: async () => Uint8Array.of(1) };

function ask(text: string, given: { thinking?: boolean; images?: ModelImage[] } = {}): ModelRequest {
  return { model: 'demo', turns: [{ role: 'user', text, images: given.images ?? [] }], thinking: given.thinking ?? false, level: 'normal' };
}

async function answer(request: ModelRequest): Promise<{ events: ModelEvent[]; text: string }> {
  const events: ModelEvent[] = [];
  const model = createDemoModel({ clock: createFakeClock(), tokensPerSecond: 0 });
  for await (const event of model.process(request, { signal: new AbortController().signal })) events.push(event);
  return { events, text: events.map((event) => (event.type === 'text' ? event.text : '')).join('') };
}

describe('the language of a message', () => {
  it.each([
    ['Hello, who are you?', 'en'],
    ['', 'en'],
    ['123 !?', 'en'],
    ['سلام، چطوری؟', 'fa'],
    ['سلام', 'fa'],
    ['یک متن طولانی بنویس', 'fa'],
    ['این کد React چه کار می‌کند؟', 'fa'],
    ['مرحبا، كيف حالك؟', 'ar'],
    ['السلام عليكم', 'ar'],
    ['مرحبا', 'ar'],
    ['اكتب نصاً طويلاً', 'ar'],
    ['Please explain the word سلام to me', 'en'],
  ])('%j is %s', (text, language) => {
    expect(detectLanguage(text)).toBe(language);
  });
});

describe('the demo model', () => {
  it('goes on with an answer where it stops', async () => {
    const { text: whole } = await answer(ask('سلام'));
    const begun = whole.slice(0, 100);
    const turns: ModelRequest['turns'] = [
      { role: 'user', text: 'سلام', images: [] },
      { role: 'assistant', text: begun, images: [] },
      { role: 'user', text: 'Continue your previous answer exactly where it stops.', images: [] },
    ];
    const { text: rest, events } = await answer({ ...ask('', { thinking: true }), turns });
    expect(begun + rest).toBe(whole);
    expect(events.some((event) => event.type === 'thought')).toBe(false);
  });

  it.each([
    ['Hello', 'built-in demo'],
    ['سلام', 'نسخهٔ نمایشی'],
    ['مرحبا', 'النسخة التجريبية'],
  ])('answers %s in its language, says what it is and names the variable to set', async (text, words) => {
    const { text: said, events } = await answer(ask(text));
    expect(said).toContain(words);
    expect(said).toContain('GEMINI_API_KEY');
    expect(said).toContain(text);
    for (const mark of ['## ', '\n- ', '\n| --- |', '```']) expect(said).toContain(mark);
    expect(said).not.toMatch(/\{(?:quote|mime|count)\}/);
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'STOP', outcome: 'complete' });
    expect(events.filter((event) => event.type === 'usage')).toHaveLength(1);
  });

  it('thinks first when asked to, and not otherwise', async () => {
    const { events } = await answer(ask('Hello', { thinking: true }));
    const kinds = events.map((event) => event.type);
    expect(kinds.indexOf('thought')).toBeGreaterThan(-1);
    expect(kinds.lastIndexOf('thought')).toBeLessThan(kinds.indexOf('text'));
    expect((await answer(ask('Hello'))).events.map((event) => event.type)).not.toContain('thought');
  });

  it('says that a picture arrived, and of what kind', async () => {
    expect((await answer(ask('Look', { images: [picture] }))).text).toContain('image/webp');
    expect((await answer(ask('ببین', { images: [picture, picture] }))).text).toMatch(/2.*image\/webp/);
  });

  it.each(['a long one please', 'یک پاسخ طولانی بده', 'أريد جوابًا طويلًا', 'نص طويل'])('gives a long answer for %j', async (text) => {
    expect((await answer(ask(text))).text.split(/\s+/).length).toBeGreaterThan(1300);
  });

  it('shows code when asked for code, and does not take «کدام» for it', async () => {
    expect((await answer(ask('یک نمونه کد'))).text).toContain('Intl.Segmenter');
    expect((await answer(ask('کدام بهتر است؟'))).text).not.toContain('Intl.Segmenter');
  });

  it('quotes a message in one short line, as plain text and with whole characters', async () => {
    const { text } = await answer(ask(`# <b>hi</b>\n${'👩‍👩‍👧'.repeat(200)} $& {mime}`));
    const quote = /“(.*)”/.exec(text)?.[1] ?? '';
    expect(quote.startsWith('b hi /b')).toBe(true);
    expect(quote.endsWith('👩‍👩‍👧…')).toBe(true);
    expect(Array.from(new Intl.Segmenter().segment(quote)).length).toBeLessThanOrEqual(81);
    expect((await answer(ask('costs $& and $1'))).text).toContain('“costs $& and $1”');
  });

  it('types a word at a time, at its speed, and stops at once when it is told to', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const stream = createDemoModel({ clock, tokensPerSecond: 10 })
      .process(ask('Hello'), { signal: controller.signal })
      [Symbol.asyncIterator]();
    await stream.next();
    const first = await stream.next();
    expect(first.value).toMatchObject({ type: 'text', text: '##' });
    let arrived = false;
    const second = stream.next().then((result) => {
      arrived = true;
      return result;
    });
    clock.advance(99);
    await new Promise((resolve) => setImmediate(resolve));
    expect(arrived).toBe(false);
    clock.advance(1);
    expect((await second).value).toMatchObject({ type: 'text', text: ' Hello' });
    const third = stream.next();
    controller.abort();
    expect((await third).done).toBe(true);
  });
});
