import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { defaultGeminiModel, geminiModelTable } from '../../../src/models/gemini/gemini-model-table.ts';

describe('the table of models', () => {
  const ids = geminiModelTable.map((entry) => entry.id);

  it('names each model once, the default first, and the default has no end', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe(defaultGeminiModel);
    expect(geminiModelTable[0]?.shutdown).toBeUndefined();
    expect(readConfig({}).gemini.model).toBe(defaultGeminiModel);
  });

  it('has dates that are days, in order, and replacements that exist', () => {
    for (const { shutdown, replacement, prices } of geminiModelTable) {
      const days = [...(prices ?? []).map((price) => price.from), ...(shutdown === undefined ? [] : [shutdown])];
      for (const day of days) expect(new Date(day).toISOString().slice(0, 10)).toBe(day);
      if (replacement !== undefined) expect(ids).toContain(replacement);
      const from = (prices ?? []).map((price) => price.from);
      expect(from).toEqual([...new Set(from)].sort());
    }
  });
});
