import type { HookContext } from '../../core/index.ts';
import type { User } from '../../protocol/index.ts';

/** Most people whose language is remembered; beyond it the oldest are forgotten. */
const MOST = 10_000;

export interface SurfacePeopleOptions {
  /** @throws AppError NOT_FOUND */
  readonly getUser: (userId: string) => Promise<User>;
}

/** Who a plugin speaks to, and in which language: as the person's last client said. */
export class SurfacePeople {
  readonly #options: SurfacePeopleOptions;
  readonly #locales = new Map<string, string>();

  constructor(options: SurfacePeopleOptions) {
    this.#options = options;
  }

  speaks(userId: string, locale: string): void {
    this.#locales.delete(userId);
    this.#locales.set(userId, locale);
    const [oldest] = this.#locales.keys();
    if (this.#locales.size > MOST && oldest !== undefined) this.#locales.delete(oldest);
  }

  localeOf(userId: string, fallback = 'en'): string {
    return this.#locales.get(userId) ?? fallback;
  }

  /** Without the address: no plugin needs it to show something. */
  async user(userId: string): Promise<HookContext['user']> {
    const { id, name, role } = await this.#options.getUser(userId);
    return { id, name, role };
  }
}
