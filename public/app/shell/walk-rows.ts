/** Arrows, Home and End lead through the rows of a list; above the first one is the field that searches them. */
export function walkRows(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const { target, currentTarget: list, key } = event;
  if (!(target instanceof HTMLElement) || !target.matches('.conversation-link') || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = [...list.querySelectorAll<HTMLElement>('.conversation-link')];
  const at = rows.indexOf(target);
  const places: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
  const place = places[key];
  if (place === undefined) return;
  event.preventDefault();
  (place < 0 ? document.querySelector<HTMLElement>('.search-input') : rows[Math.min(place, rows.length - 1)])?.focus();
}
