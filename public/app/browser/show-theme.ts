import type { ThemeChoice } from '../state/theme.ts';

/** `--color-bg` of styles/tokens.css, which a bar of the browser cannot read. */
const ground = { light: '#ffffff', dark: '#131416' } as const;

/** Tells the styles and the bar of the browser which theme was chosen. */
export function showTheme(choice: ThemeChoice): void {
  const { dataset } = document.documentElement;
  if (choice === 'system') delete dataset['theme'];
  else dataset['theme'] = choice;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = ground[choice === 'system' ? own : choice];
  }
}
