import { describe, expect, it } from 'vitest';
import { welcomeText } from '../../../src/gateway/ws/welcome-text.ts';
import type { ServerFrameOf } from '../../../src/protocol/index.ts';

type Welcome = ServerFrameOf<'welcome'>;

/** Only what the text is made of. */
const parts = {
  type: 'welcome',
  replyTo: 'h"1',
  version: 1,
  user: { id: 'u', name: 'آدا "\u2028', email: 'ada@example.org', role: 'user' },
  commands: [
    { name: 'help', summary: 'Says “help”' },
    { name: 'me', summary: 'یعنی من' },
  ],
  limits: { textBytes: 1 },
  jobs: [],
  running: [],
};
const textOf = (frame: Welcome) => {
  const { start, ending } = welcomeText(frame);
  return start + Buffer.from(ending).toString();
};
const welcome: Welcome = JSON.parse(JSON.stringify(parts));

describe('the text of a welcome', () => {
  it('says what the frame says, the first time and when its pieces are known', () => {
    for (const user of [welcome.user, null, welcome.user]) {
      const frame = { ...welcome, user };
      expect(JSON.parse(textOf(frame))).toEqual(frame);
    }
  });

  it('says what changed: other commands, none, other limits', () => {
    expect(JSON.parse(textOf({ ...welcome, commands: welcome.commands.slice(1) }))).toEqual({
      ...welcome,
      commands: welcome.commands.slice(1),
    });
    expect(JSON.parse(textOf({ ...welcome, commands: [] }))).toEqual({ ...welcome, commands: [] });
    const limits = { ...welcome.limits, textBytes: 2 };
    expect(JSON.parse(textOf({ ...welcome, limits }))).toEqual({ ...welcome, limits });
  });

  it('encodes what is the same for many once', () => {
    const other = { ...welcome, user: null, commands: [...welcome.commands] };
    expect(welcomeText(other).ending).toBe(welcomeText(welcome).ending);
    const [first] = welcome.commands;
    if (first === undefined) throw new Error('no command');
    const changed = { ...welcome, commands: [{ ...first }, ...welcome.commands.slice(1)] };
    expect(welcomeText(changed).ending).not.toBe(welcomeText(welcome).ending);
  });
});
