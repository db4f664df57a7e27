import type { ServerFrameOf } from '../../protocol/index.ts';

type Welcome = ServerFrameOf<'welcome'>;

/** A text in two pieces: the second is bytes already. */
export interface WelcomeText {
  readonly start: string;
  readonly ending: Uint8Array;
}

interface Ending {
  readonly commands: Welcome['commands'];
  readonly bytes: Uint8Array;
}

/** By the limits, which are one object for the whole server. */
const known = new WeakMap<object, Ending[]>();
/** Of each language one for those who are signed in and one for the others, and some while plugins come and go. */
const MOST_KNOWN = 12;

/** Commands and limits are six of the seven kB of a `welcome` and the same for many: written and encoded once. */
function endingOf(commands: Welcome['commands'], limits: Welcome['limits']): Uint8Array {
  const endings = known.get(limits) ?? [];
  known.set(limits, endings);
  const found = endings.find((one) => one.commands.length === commands.length && one.commands.every((info, at) => info === commands[at]));
  if (found !== undefined) return found.bytes;
  const bytes = Buffer.from(`,"commands":${JSON.stringify(commands)},"limits":${JSON.stringify(limits)}}`);
  endings.unshift({ commands, bytes });
  endings.length = Math.min(endings.length, MOST_KNOWN);
  return bytes;
}

/** A `welcome` as it is sent. What stays the same object says the same. */
export function welcomeText({ commands, limits, ...rest }: Welcome): WelcomeText {
  return { start: JSON.stringify(rest).slice(0, -1), ending: endingOf(commands, limits) };
}
