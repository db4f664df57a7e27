/** What would be lost with a message that leaves the page: words that are being written, what plays, a menu that is open. */
const busy = ':is(textarea, form, audio, video, :popover-open, dialog[open])';
/** Whoever selects more than this does not read it: the middle may go. */
const mostSelected = 400;

const itemOf = (node: Node | null): HTMLElement | null => {
  const element = node instanceof Element ? node : (node?.parentElement ?? null);
  return element?.closest<HTMLElement>('.flow-item') ?? null;
};
const idOf = (item: HTMLElement | null) => item?.dataset['message'];

/** Messages of a list that must stay on the page though the window has moved on: the focus, a selection or something unfinished is in them. */
export function keptMessages(list: HTMLElement, ids: readonly string[], places: ReadonlyMap<string, number>): ReadonlySet<string> {
  const kept = new Set<string>();
  const keep = (item: HTMLElement | null) => {
    const id = item !== null && list.contains(item) ? idOf(item) : undefined;
    if (id !== undefined) kept.add(id);
    return id === undefined ? undefined : places.get(id);
  };
  keep(itemOf(document.activeElement));
  for (const item of list.querySelectorAll<HTMLElement>(`.flow-item:has(${busy})`)) keep(item);
  const selection = getSelection();
  if (selection === null || selection.isCollapsed) return kept;
  const ends = [keep(itemOf(selection.anchorNode)), keep(itemOf(selection.focusNode))].filter((place) => place !== undefined);
  if (ends.length < 2) return kept;
  // What is copied is what stands between the ends, too.
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  if (to - from <= mostSelected) for (const id of ids.slice(from, to + 1)) kept.add(id);
  return kept;
}
