import type { ServerFrameOf } from '../../protocol/index.ts';

/** What stays the same object says the same: the commands are six of the seven kB of a `welcome`. */
const known = new WeakMap<object, string>();

function jsonOf(value: object): string {
  let json = known.get(value);
  if (json === undefined) {
    json = JSON.stringify(value);
    known.set(value, json);
  }
  return json;
}

/** A `welcome` as it is sent, made of pieces that were written before. */
export function welcomeText({ commands, limits, ...rest }: ServerFrameOf<'welcome'>): string {
  return `${JSON.stringify(rest).slice(0, -1)},"commands":[${commands.map(jsonOf).join(',')}],"limits":${jsonOf(limits)}}`;
}
