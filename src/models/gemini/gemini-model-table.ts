import type { ModelPrice } from '../../core/base/model-prices.ts';

/**
 * What is known about the service's models without asking it: names, abilities, prices and dates live a few months each, so they
 * are data with dates. Used as a fallback when the list cannot be fetched, and for what the list does not say.
 * State: 2026-11-21, from the provider's pages on models, prices and deprecations.
 */
export interface GeminiModelEntry {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** How effort is asked for: a token budget (2.5), a level (3 and later), or not at all. */
  readonly thinking: 'budget' | 'level' | 'none';
  /** Smallest thinking budget; 0 means that thinking can be turned off. */
  readonly minBudget?: number;
  /** True where the model thinks only when asked to: without thinking nothing is sent, as any level would make it think. */
  readonly thinksOnRequest?: boolean;
  /** Takes pictures in a message. */
  readonly images: boolean;
  /** Makes pictures. */
  readonly makesImages?: boolean;
  readonly contextTokens?: number;
  readonly outputTokens?: number;
  /** Of the paid tier. After its end a model has the prices of what answers in its place. */
  readonly prices?: readonly ModelPrice[];
  /** First day (UTC) on which the model is gone. */
  readonly shutdown?: string;
  /** What answers in its place after that day. */
  readonly replacement?: string;
}

export type GeminiModelTable = readonly GeminiModelEntry[];

/** The day on which the prices below were read. */
export const geminiPricesOf = '2026-11-21';

/** Used when the operator names no model. */
export const defaultGeminiModel = 'gemini-3.8-flash';

const large = { contextTokens: 1_048_576, outputTokens: 65_536 } as const;
const flashPrices: readonly ModelPrice[] = [
  { from: '2026-07-21', input: 0.75, output: 3.75, cachedInput: 0.075 },
  { from: '2027-01-01', input: 1.5, output: 7.5, cachedInput: 0.15 },
];
const flashLitePrice = { input: 0.3, output: 2.5 } as const;

export const geminiModelTable: GeminiModelTable = [
  {
    id: 'gemini-3.8-flash',
    label: 'Gemini 3.8 Flash',
    description: 'Fast, for everyday use',
    thinking: 'level',
    images: true,
    ...large,
    prices: flashPrices,
  },
  {
    id: 'gemini-4-argon',
    label: 'Gemini 4 Argon',
    description: 'The most able one; paid keys only',
    thinking: 'level',
    images: true,
    ...large,
    prices: [
      { from: '2026-10-13', input: 2, output: 10, cachedInput: 0.1 },
      { from: '2026-12-01', input: 4, output: 20, cachedInput: 0.2 },
    ],
  },
  { id: 'gemini-3.6-flash', label: 'Gemini 3.6 Flash', thinking: 'level', images: true, ...large, prices: flashPrices },
  {
    id: 'gemini-3.5-flash-lite',
    label: 'Gemini 3.5 Flash-Lite',
    description: 'Cheap and quick',
    thinking: 'level',
    thinksOnRequest: true,
    images: true,
    ...large,
    prices: [{ from: '2026-07-21', ...flashLitePrice }],
  },
  {
    id: 'gemini-3.1-flash-lite',
    label: 'Gemini 3.1 Flash-Lite',
    thinking: 'level',
    thinksOnRequest: true,
    images: true,
    ...large,
    prices: [{ from: '2026-05-07', input: 0.25, output: 1.5 }],
  },
  {
    id: 'gemini-3.1-pro-preview',
    label: 'Gemini 3.1 Pro (preview)',
    thinking: 'level',
    images: true,
    ...large,
    prices: [{ from: '2026-02-01', input: 2, output: 12, long: { over: 200_000, input: 4, output: 18 } }],
  },
  {
    id: 'gemini-2.5-flash-lite',
    label: 'Gemini 2.5 Flash-Lite',
    description: 'The cheapest one',
    thinking: 'budget',
    minBudget: 0,
    images: true,
    ...large,
    prices: [{ from: '2025-07-22', input: 0.1, output: 0.4 }],
  },
  {
    id: 'gemini-2.5-pro',
    label: 'Gemini 2.5 Pro',
    thinking: 'budget',
    minBudget: 128,
    images: true,
    ...large,
    prices: [
      { from: '2025-06-17', input: 1.25, output: 10, long: { over: 200_000, input: 2.5, output: 15 } },
      { from: '2026-12-01', input: 0.75, output: 3.75, cachedInput: 0.075 },
      { from: '2027-01-01', input: 1.5, output: 7.5, cachedInput: 0.15 },
    ],
    shutdown: '2026-12-01',
    replacement: 'gemini-3.8-flash',
  },
  {
    id: 'gemini-2.5-flash',
    label: 'Gemini 2.5 Flash',
    thinking: 'budget',
    minBudget: 0,
    images: true,
    ...large,
    prices: [{ from: '2025-06-17', ...flashLitePrice }],
    shutdown: '2026-12-01',
    replacement: 'gemini-3.5-flash-lite',
  },
  {
    id: 'gemini-nano-banana-2.1',
    label: 'Gemini Nano Banana 2.1',
    description: 'Makes and edits pictures',
    thinking: 'none',
    images: true,
    makesImages: true,
    prices: [{ from: '2026-10-06', input: 1.5, output: 7.5, imageOutput: 30 }],
  },
  {
    id: 'gemini-3-pro-image',
    label: 'Gemini 3 Pro Image',
    description: 'Makes detailed pictures',
    thinking: 'none',
    images: true,
    makesImages: true,
    prices: [{ from: '2025-11-20', input: 2, output: 12, imageOutput: 120 }],
  },
  {
    id: 'gemini-3.1-flash-lite-image',
    label: 'Gemini 3.1 Flash-Lite Image',
    description: 'Makes pictures quickly',
    thinking: 'none',
    images: true,
    makesImages: true,
  },
];
