import { z } from 'zod';

/** Kinds of values that variables have: text in, a checked and typed value out. A message says what the value must be. */

export function whole(min: number, max: number) {
  return z.string().transform((text, context) => {
    const value = Number(text.trim());
    if (/^\d{1,16}$/.test(text.trim()) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    context.addIssue({ code: 'custom', message: `must be a whole number ${range}` });
    return z.NEVER;
  });
}

/** A limit: a whole number, 0 switches it off. */
export const limit = (value: number) => whole(0, Number.MAX_SAFE_INTEGER).prefault(String(value));
/** A limit of time in milliseconds; a timer of Node takes no more and would run out at once. */
export const timeLimit = (value: number) => whole(0, 2_147_483_647).prefault(String(value));
/** A cap that cannot be switched off. */
export const cap = (value: number) => whole(1, Number.MAX_SAFE_INTEGER).prefault(String(value));

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

function urlFrom(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Scheme, host and port of a text that holds nothing else; undefined for `*`, `null`, paths and other schemes. */
function exactOrigin(text: string): string | undefined {
  const url = urlFrom(text.trim());
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  // A host may hold ; and ' by the standard of addresses; in a policy header they would begin something else.
  if (!/^(?:[\w.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname)) return undefined;
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return bare ? url.origin : undefined;
}

export const origin = z.string().transform((text, context) => {
  const value = exactOrigin(text);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: 'must be an address such as https://chat.example.com, without a path' });
  return z.NEVER;
});

export const origins = z.string().transform((text, context) => {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const values = parts.map(exactOrigin);
  const known = values.filter((value) => value !== undefined);
  if (known.length === values.length) return known;
  const message = 'must be a comma-separated list of exact origins such as https://app.example.com; * is refused, as are paths';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

export const baseUrl = z.string().transform((text, context) => {
  const url = urlFrom(text.trim());
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return text.trim().replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: 'must be an address that begins with http:// or https://' });
  return z.NEVER;
});

/** Where error reports go: `https://<key>@<host>/<project>` (https://develop.sentry.dev/sdk/overview/#parsing-the-dsn). */
export const dsn = z.string().transform((text, context) => {
  const url = urlFrom(text.trim());
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url !== undefined && web && url.username !== '' && /\/[\w-]+\/?$/.test(url.pathname)) return text.trim();
  context.addIssue({ code: 'custom', message: 'must be a DSN such as https://key@errors.example.com/1, as the project settings show it' });
  return z.NEVER;
});
