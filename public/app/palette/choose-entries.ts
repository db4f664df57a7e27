import { fuzzyMatch } from './fuzzy-match.ts';

export const paletteGroups = ['chats', 'actions', 'prompts', 'models', 'commands'] as const;
export type PaletteGroup = (typeof paletteGroups)[number];

/** What is looked at to find a thing by a few letters. */
export interface Findable {
  readonly id: string;
  readonly group: PaletteGroup;
  readonly label: string;
  /** Words beside it; found too. */
  readonly hint?: string | undefined;
  /** Shown while nothing is asked for. */
  readonly first?: boolean | undefined;
  /** Stretches `[from, to)` of the label that were asked for. */
  readonly ranges?: readonly (readonly [number, number])[] | undefined;
  /** The server found it: it fits, whatever its label says. */
  readonly found?: boolean | undefined;
}

export interface ShownGroup<Entry> {
  readonly group: PaletteGroup;
  readonly entries: readonly Entry[];
}

/** Most of one group that are shown for a query. */
const most: Readonly<Record<PaletteGroup, number>> = { chats: 8, actions: 6, prompts: 5, models: 5, commands: 5 };

interface Ranked<Entry> {
  readonly entry: Entry;
  readonly score: number;
}

/** What fits a query, best first, in groups of which the one with the best fit comes first. `/` asks for commands alone. */
export function chooseEntries<Entry extends Findable>(entries: readonly Entry[], query: string): readonly ShownGroup<Entry>[] {
  const words = query.trim();
  const commandsOnly = words.startsWith('/');
  const wanted = commandsOnly ? words.slice(1) : words;
  const fits = entries.flatMap((entry) => {
    if (commandsOnly ? entry.group !== 'commands' : words === '' && entry.first !== true) return [];
    const ranked = rank(entry, wanted);
    return ranked === null ? [] : [ranked];
  });
  const groups = paletteGroups.map((group) => {
    const own = fits.filter((one) => one.entry.group === group);
    if (wanted !== '') own.sort((one, other) => other.score - one.score);
    const limit = words === '' ? own.length : commandsOnly ? 20 : most[group];
    return { group, entries: own.slice(0, limit).map(({ entry }) => entry), best: own[0]?.score ?? Number.NEGATIVE_INFINITY };
  });
  const shown = groups.filter((group) => group.entries.length > 0);
  return wanted === '' ? shown : shown.sort((one, other) => other.best - one.best);
}

function rank<Entry extends Findable>(entry: Entry, query: string): Ranked<Entry> | null {
  const byLabel = fuzzyMatch(query, entry.label);
  if (byLabel !== null) return { entry: query === '' ? entry : { ...entry, ranges: byLabel.ranges }, score: byLabel.score };
  if (entry.found === true) return { entry, score: 20 };
  const byHint = entry.hint === undefined ? null : fuzzyMatch(query, entry.hint);
  // A scattered fit in a long sentence means nothing.
  return byHint === null || byHint.score < 40 ? null : { entry, score: byHint.score - 60 };
}
