import type { ModelPrice, ModelPrices } from '../../core/base/model-prices.ts';
import type { GeminiModelEntry, GeminiModelTable } from './gemini-model-table.ts';

/**
 * The prices of a model. One that the table does not know costs as much as the dearest of its kind: a budget must not be passed
 * by naming a new model.
 */
export function geminiPrices(table: GeminiModelTable, of: string, entry: GeminiModelEntry): ModelPrices | undefined {
  const entries = entry.prices ?? dearest(table, entry.makesImages === true);
  return entries === undefined ? undefined : { of, entries };
}

function dearest(table: GeminiModelTable, makesImages: boolean): readonly ModelPrice[] | undefined {
  const cost = (prices: readonly ModelPrice[]): number => {
    const last = prices.at(-1);
    return last === undefined ? 0 : (last.imageOutput ?? last.output);
  };
  const all = table
    .filter((entry) => (entry.makesImages === true) === makesImages)
    .flatMap(({ prices }) => (prices === undefined ? [] : [prices]));
  return all.sort((a, b) => cost(b) - cost(a))[0];
}
