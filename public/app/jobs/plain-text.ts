/**
 * The text of work that puts it into one fenced block, so that no sign of it is taken for Markdown; null where there is more than
 * such a block.
 */
export function plainText(markdown: string): string | null {
  const fence = /^(`{3,})[\w-]*\n/.exec(markdown.trim())?.[1];
  if (fence === undefined) return null;
  const lines = markdown.trim().split('\n');
  const inner = lines.slice(1, -1);
  return lines.at(-1) === fence && !inner.some((line) => line.startsWith(fence)) ? inner.join('\n') : null;
}
