import { decodeEntities } from './decode-entities.ts';
import { withoutHidden } from './visible-text.ts';

export interface SafeLink {
  readonly href: string;
  /** host, or address of a mail link; ASCII form, so that look-alike letters show as `xn--` */
  readonly host: string;
}

const maxLength = 2048;

/** An absolute http, https or mailto URL, or undefined: everything else is not a link. */
export function safeLink(raw: string): SafeLink | undefined {
  const cleaned = withoutHidden(decodeEntities(raw)).trim();
  if (cleaned.length > maxLength || !/^(?:https?:\/\/[^/\\]|mailto:[^/\\])/i.test(cleaned)) return undefined;
  const url = parse(cleaned);
  if (url === null) return undefined;
  if (url.protocol === 'mailto:') return { href: url.href, host: decodeURIComponentSafely(url.pathname) };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  return url.hostname === '' ? undefined : { href: url.href, host: url.host };
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // not a URL: the caller shows text
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return withoutHidden(decodeURIComponent(text));
  } catch {
    return text; // a stray percent sign: shown as written
  }
}

/** Whether the words of a link already say where it leads. A host in punycode is always shown apart. */
export function saysItsTarget(words: string, link: SafeLink): boolean {
  if (link.host.includes('xn--')) return false;
  const text = words.trim();
  if (link.href.startsWith('mailto:')) return text.replace(/^mailto:/i, '') === link.host;
  const written = safeLink(/^https?:\/\//i.test(text) ? text : `${link.href.slice(0, link.href.indexOf(':'))}://${text}`);
  return written?.href === link.href && !/\s/.test(text);
}

/** A picture that this server keeps: its path as it may be loaded, or undefined for every other address. */
export function ownImage(raw: string): string | undefined {
  const path = decodeEntities(raw);
  return /^\/api\/files\/[\w-]{1,64}(?:\?[\w=&-]{0,64})?$/.test(path) ? path : undefined;
}
