import { z } from 'zod';

/** Names in `light` and `dark` of a theme: the colours of the design system. */
const colours = [
  'bg',
  'surface',
  'raised',
  'hover',
  'active',
  'bubble',
  'scrim',
  'text',
  'text-muted',
  'text-subtle',
  'border',
  'border-strong',
  'accent',
  'accent-hover',
  'on-accent',
  'accent-soft',
  'accent-text',
  'danger',
  'on-danger',
  'danger-fill',
  'danger-soft',
  'warning',
  'warning-soft',
  'success',
  'success-soft',
  'code-bg',
  'code-text',
  'code-comment',
  'code-keyword',
  'code-string',
  'code-number',
  'code-title',
  'code-attribute',
  'code-addition-bg',
  'code-deletion-bg',
] as const;
const radii = ['sm', 'md', 'lg', 'xl'] as const;

/** Written so that nothing but a colour can pass: no function that loads, no second declaration. */
const colour = z
  .string()
  .regex(
    /^(?:#[0-9a-f]{3,8}|(?:rgb|hsl|oklch|oklab|lab|lch)\([0-9a-z.%,/ +-]{3,60}\))$/i,
    'is no colour such as #0c6b64 or oklch(60% 0.1 180)',
  );
const radius = z.string().regex(/^(?:0|[0-9]{1,2}(?:\.[0-9]{1,2})?px)$/, 'is no length such as 8px');

export const themeSchema = z.strictObject({
  light: z.partialRecord(z.enum(colours), colour).optional(),
  dark: z.partialRecord(z.enum(colours), colour).optional(),
  radius: z.partialRecord(z.enum(radii), radius).optional(),
});

/** The theme of an operator as CSS: a colour that is given for one of the two looks alone holds for both. */
export function themeCss({ light = {}, dark = {}, radius: lengths = {} }: z.infer<typeof themeSchema>): string {
  const lines: string[] = [];
  for (const name of colours) {
    const value = light[name] ?? dark[name];
    if (value !== undefined) lines.push(`  --color-${name}: light-dark(${light[name] ?? value}, ${dark[name] ?? value});`);
  }
  for (const name of radii) {
    const value = lengths[name];
    if (value !== undefined) lines.push(`  --radius-${name}: ${value};`);
  }
  // Twice, so that it holds whichever file comes first.
  return lines.length === 0 ? '' : `:root:root {\n${lines.join('\n')}\n}\n`;
}
