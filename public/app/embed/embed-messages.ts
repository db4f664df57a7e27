/** What the page in the frame and the widget around it say to each other; each names the exact origin of the other. */
export type FromFrame =
  /** It listens. Answered by `options`. */
  | { readonly jarvis: 'ready' }
  /** Nobody is signed in: is there a token? */
  | { readonly jarvis: 'token?' }
  | { readonly jarvis: 'close' };

export interface EmbedOptions {
  readonly locale?: string;
  readonly theme?: 'system' | 'light' | 'dark';
  /** Default: that of the language. */
  readonly direction?: 'ltr' | 'rtl';
}

export type FromWidget =
  | { readonly jarvis: 'options'; readonly options: EmbedOptions; readonly token: string | null }
  /** A session token, as `POST /api/auth/login` gives it; null: sign out. */
  | { readonly jarvis: 'token'; readonly token: string | null }
  | { readonly jarvis: 'theme'; readonly theme: NonNullable<EmbedOptions['theme']> }
  /** The frame was opened: put the cursor where one writes. */
  | { readonly jarvis: 'shown' };

const kinds: readonly unknown[] = ['options', 'token', 'theme', 'shown'];

/** @returns null for what is none: any page may send anything */
export function readFromWidget(data: unknown): FromWidget | null {
  if (!isRecord(data) || !kinds.includes(data['jarvis'])) return null;
  const { jarvis, token, theme, options } = data;
  const given = typeof token === 'string' && /^[\w.~+/=-]{1,4096}$/.test(token) ? token : null;
  if (jarvis === 'token') return { jarvis, token: given };
  if (jarvis === 'theme') return isTheme(theme) ? { jarvis, theme } : null;
  return jarvis === 'options' ? { jarvis, token: given, options: readOptions(options) } : { jarvis: 'shown' };
}

function readOptions(options: unknown): EmbedOptions {
  if (!isRecord(options)) return {};
  const { locale, theme, direction } = options;
  return {
    ...(typeof locale === 'string' ? { locale } : {}),
    ...(isTheme(theme) ? { theme } : {}),
    ...(direction === 'ltr' || direction === 'rtl' ? { direction } : {}),
  };
}

function isTheme(value: unknown): value is NonNullable<EmbedOptions['theme']> {
  return value === 'system' || value === 'light' || value === 'dark';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
