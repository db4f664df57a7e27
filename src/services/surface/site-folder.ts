import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { type SurfaceInfo, surfaceInfoSchema } from '../../protocol/index.ts';
import { themeCss, themeSchema } from './theme-css.ts';

/** How old what is known of the folder may be. */
const LOOK_MS = 10_000;
const MAX_JSON = 64 * 1024;
const MAX_README = 256 * 1024;
const MAX_AVATAR = 512 * 1024;
const MOST_LINKS = 20;

const linksSchema = z
  .array(
    z.strictObject({
      ...surfaceInfoSchema.shape.links.element.shape,
      url: z
        .string()
        .max(2000)
        .regex(/^(?:https?:\/\/|mailto:|\/(?!\/))/i, 'begins with https://, http://, mailto: or /'),
    }),
  )
  .max(MOST_LINKS);

/** To open a pipe would otherwise wait for somebody who writes. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface SiteFolderOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Site extends Pick<SurfaceInfo, 'links' | 'readme' | 'theme'> {
  readonly css: string;
}

export interface Avatar {
  readonly mime: string;
  readonly data: Buffer;
}

/**
 * What the operator puts around the conversation: `theme.json`, `links.json`, `readme.md` (also `.fa` and `.ar`) and `avatars/`. Looked
 * at again every ten seconds; a file that is wrong is named in the log and counts as absent.
 */
export class SiteFolder {
  readonly #options: SiteFolderOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #said = new Map<string, string>();
  #site: Site = { links: [], readme: false, theme: false, css: '' };
  #cancel: (() => void) | null = null;

  constructor(options: SiteFolderOptions) {
    this.#options = options;
  }

  get current(): Site {
    return this.#site;
  }

  async start(): Promise<void> {
    await this.look();
    let looking = false;
    this.#cancel ??= this.#options.clock.every(LOOK_MS, () => {
      if (looking) return;
      looking = true;
      void this.look().finally(() => {
        looking = false;
      });
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the folder. Never rejects. */
  async look(): Promise<void> {
    const [theme, links, readme] = await Promise.all([
      this.#json('theme.json', themeSchema),
      this.#json('links.json', linksSchema),
      this.#read('readme.md', MAX_README),
    ]);
    const css = theme === null ? '' : themeCss(theme);
    const site: Site = { links: links ?? [], readme: readme !== null, theme: css !== '', css };
    const changed = JSON.stringify(site) !== JSON.stringify(this.#site);
    this.#site = site;
    if (changed) for (const listener of this.#listeners) listener();
  }

  /** The page about this server in a language, else in English. Null: there is none. */
  async readme(locale: string): Promise<{ readonly text: string; readonly locale: string } | null> {
    const own = locale === 'en' ? null : await this.#read(`readme.${locale}.md`, MAX_README);
    if (own !== null) return { text: own.toString('utf8'), locale };
    const text = await this.#read('readme.md', MAX_README);
    return text === null ? null : { text: text.toString('utf8'), locale: 'en' };
  }

  /** @param name letters, digits, - and _. Null: there is no such picture */
  async avatar(name: string): Promise<Avatar | null> {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) return null;
    for (const { ending, mime, isOne } of pictureKinds) {
      const data = await this.#read(join('avatars', `${name}.${ending}`), MAX_AVATAR);
      if (data !== null && isOne(data)) return { mime, data };
    }
    return null;
  }

  async #json<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
    const data = await this.#read(name, MAX_JSON);
    if (data === null) return null;
    try {
      return schema.parse(JSON.parse(data.toString('utf8')));
    } catch (error) {
      const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
      this.#warn(name, issue === undefined ? 'is no JSON' : `${issue.path.join('.')}: ${issue.message}`);
      return null;
    }
  }

  /** Null: it is not there, no plain file, or too long. A link is not followed. */
  async #read(name: string, most: number): Promise<Buffer | null> {
    const file = await open(join(this.#options.directory, name), flags).catch(() => null);
    if (file === null) return null;
    try {
      const found = await file.stat();
      if (!found.isFile()) return null;
      if (found.size <= most) return await file.readFile();
      this.#warn(name, `has more than ${most} bytes`);
      return null;
    } catch {
      return null;
    } finally {
      await file.close().catch(() => {});
    }
  }

  #warn(name: string, reason: string): void {
    if (this.#said.get(name) === reason) return;
    this.#said.set(name, reason);
    this.#options.logger.warn({ name, reason }, 'a file of the site folder is not used');
  }
}

const pictureKinds = [
  { ending: 'png', mime: 'image/png', isOne: (data: Buffer) => data.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')) },
  {
    ending: 'webp',
    mime: 'image/webp',
    isOne: (data: Buffer) => data.toString('latin1', 0, 4) === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP',
  },
] as const;
