import type { ModelInfo } from '../../protocol/index.ts';
import type { ModelHealth, ModelInterface } from '../base/model-interface.ts';
import type { ModelPrices } from '../base/model-prices.ts';

export interface ChosenModel {
  readonly provider: ModelInterface;
  readonly info: ModelInfo;
}

/** The chat models of this server: every provider's models under one roof. */
export class ModelRegistry {
  readonly #providers: ModelInterface[] = [];
  readonly #defaultModel: string | undefined;

  /** @param defaultModel id of the model that answers when nobody chose one; omitted or unknown: the first that is listed */
  constructor(defaultModel?: string) {
    this.#defaultModel = defaultModel;
  }

  register(provider: ModelInterface): void {
    if (this.#providers.some((known) => known.name === provider.name))
      throw new Error(`the model provider ${provider.name} is registered twice`);
    this.#providers.push(provider);
  }

  get providers(): readonly ModelInterface[] {
    return this.#providers;
  }

  async list(): Promise<ModelInfo[]> {
    const lists = await Promise.all(this.#providers.map((provider) => provider.list()));
    return lists.flat();
  }

  /** @returns the model of that id, or null when this server has none */
  async find(id: string): Promise<ChosenModel | null> {
    for (const provider of this.#providers) {
      const info = (await provider.list()).find((model) => model.id === id);
      if (info !== undefined) return { provider, info };
    }
    return null;
  }

  /** What the model of that id costs; undefined where nobody says. */
  pricesOf(id: string): ModelPrices | undefined {
    for (const provider of this.#providers) {
      const prices = provider.prices?.(id);
      if (prices !== undefined) return prices;
    }
    return undefined;
  }

  /** The first day on which the model of that id is gone: null where it stays, undefined where nobody knows. */
  endsOn(id: string): string | null | undefined {
    return this.#providers.map((provider) => provider.endsOn?.(id)).find((day) => day !== undefined);
  }

  /** How the service of the first provider that has one answers now; undefined where none has. */
  async check(): Promise<ModelHealth | undefined> {
    return this.#providers.find((provider) => provider.check !== undefined)?.check?.();
  }

  /** @throws when no provider lists any model */
  async default(): Promise<ChosenModel> {
    const preferred = this.#defaultModel === undefined ? null : await this.find(this.#defaultModel);
    if (preferred !== null) return preferred;
    for (const provider of this.#providers) {
      const [info] = await provider.list();
      if (info !== undefined) return { provider, info };
    }
    throw new Error('no chat model is registered');
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.#providers.map((provider) => provider.release()));
  }
}
