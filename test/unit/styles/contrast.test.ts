import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const source = readFileSync(new URL('../../../public/styles/tokens.css', import.meta.url), 'utf8');

function colourOf(role: string, theme: 'light' | 'dark'): string {
  const match = new RegExp(`--color-${role}: light-dark\\((#[\\da-f]{6}), (#[\\da-f]{6})\\)`).exec(source);
  const colour = theme === 'light' ? match?.[1] : match?.[2];
  if (colour === undefined) throw new Error(`tokens.css has no --color-${role}`);
  return colour;
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ['bg', 'surface', 'raised'];
const texts: [string, string][] = [
  ...['text', 'text-muted', 'text-subtle', 'accent-text', 'danger', 'warning', 'success'].flatMap((text) =>
    surfaces.map((surface): [string, string] => [text, surface]),
  ),
  ['text', 'hover'],
  ['text-muted', 'hover'],
  ['text', 'active'],
  ['text-muted', 'active'],
  ['text', 'bubble'],
  ['accent-text', 'bubble'],
  ['text-subtle', 'bubble'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger-fill'],
  ['accent-text', 'accent-soft'],
  ['danger', 'danger-soft'],
  ['warning', 'warning-soft'],
  ['success', 'success-soft'],
  ...['text', 'comment', 'keyword', 'string', 'number', 'title', 'attribute'].map((role): [string, string] => [`code-${role}`, 'code-bg']),
  ['code-string', 'code-addition-bg'],
];
const shapes: [string, string][] = surfaces.flatMap((surface): [string, string][] => [
  ['border-strong', surface],
  ['accent', surface],
]);

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  test.each(texts)('%s can be read on %s (4.5:1)', (text, surface) => {
    expect(contrast(colourOf(text, theme), colourOf(surface, theme))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(shapes)('%s can be seen on %s (3:1)', (shape, surface) => {
    expect(contrast(colourOf(shape, theme), colourOf(surface, theme))).toBeGreaterThanOrEqual(3);
  });
});
