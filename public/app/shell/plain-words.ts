/** Markdown in a line that shows none: without its marks. */
export function plainWords(text: string): string {
  return text
    .replaceAll(/\[([^[\]]*)\]\([^)[]*\)/g, '$1')
    .replaceAll(/[*_`#>~]+/g, '')
    .trim();
}
