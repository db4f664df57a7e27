const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg(?:A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/HeadlessChrome\/|Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh|Mac OS/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** "Firefox, Windows" out of what a browser calls itself; its own words when they name neither; null when it said nothing. */
export function sessionName(label: string): string | null {
  const find = (table: typeof browsers) => table.find(([pattern]) => pattern.test(label))?.[1];
  const known = [find(browsers), find(systems)].filter((word) => word !== undefined);
  if (known.length > 0) return known.join(', ');
  const own = label.trim();
  return own === '' ? null : own.slice(0, 60);
}
