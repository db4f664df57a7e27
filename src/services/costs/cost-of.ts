import type { ModelPrice, ModelPrices } from '../../core/index.ts';
import type { Usage } from '../../protocol/index.ts';

/** The day of a moment in UTC, ISO 8601. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The month of a moment in UTC, e.g. `2026-11`. */
export function utcMonth(ms: number): string {
  return utcDay(ms).slice(0, 7);
}

/** The usage with what it cost by the prices of that day; as it was where the model has no prices. */
export function priced(usage: Usage, prices: ModelPrices | undefined, at: number): Usage {
  const price = prices === undefined ? undefined : priceOn(prices, utcDay(at));
  if (prices === undefined || price === undefined) return usage;
  return { ...usage, costMicroUsd: microUsd(usage, price), pricesOf: prices.of };
}

/** The newest price whose first day has come; before all of them the oldest. */
function priceOn({ entries }: ModelPrices, day: string): ModelPrice | undefined {
  return entries.findLast((entry) => entry.from <= day) ?? entries[0];
}

/** Dollars for a million tokens are millionths of a dollar for one. */
function microUsd(usage: Usage, price: ModelPrice): number {
  const { long } = price;
  const isLong = long !== undefined && usage.inputTokens > long.over;
  const { input, output } = isLong ? long : price;
  const cached = Math.min(usage.cachedTokens ?? 0, usage.inputTokens);
  const pictures = Math.min(usage.imageTokens ?? 0, usage.outputTokens);
  const read = (usage.inputTokens - cached) * input + cached * (isLong ? input : (price.cachedInput ?? input));
  const written = (usage.outputTokens - pictures + usage.thoughtTokens) * output + pictures * (price.imageOutput ?? output);
  return Math.round(read + written);
}

/** What a continued answer took in all. */
export function sumOfUsage(a: Usage | undefined, b: Usage): Usage {
  if (a === undefined) return b;
  const sum = (name: 'cachedTokens' | 'imageTokens' | 'costMicroUsd') =>
    a[name] === undefined && b[name] === undefined ? {} : { [name]: (a[name] ?? 0) + (b[name] ?? 0) };
  const pricesOf = b.pricesOf ?? a.pricesOf;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    thoughtTokens: a.thoughtTokens + b.thoughtTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    ...sum('cachedTokens'),
    ...sum('imageTokens'),
    ...sum('costMicroUsd'),
    ...(pricesOf === undefined ? {} : { pricesOf }),
    ...(a.estimated === true || b.estimated === true ? { estimated: true } : {}),
  };
}

/** A common rule of thumb, for answers that were cut before the model counted. */
const CHARACTERS_PER_TOKEN = 4;

/** @param characters of what was read, said and thought */
export function estimatedUsage(characters: { readonly input: number; readonly output: number; readonly thought: number }): Usage {
  const tokens = (count: number) => Math.ceil(count / CHARACTERS_PER_TOKEN);
  const [inputTokens, outputTokens, thoughtTokens] = [tokens(characters.input), tokens(characters.output), tokens(characters.thought)];
  return { inputTokens, outputTokens, thoughtTokens, totalTokens: inputTokens + outputTokens + thoughtTokens, estimated: true };
}
