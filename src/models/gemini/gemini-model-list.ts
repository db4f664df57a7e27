import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ModelInfo } from '../../protocol/index.ts';
import { createCachedList } from '../shared/cached-list.ts';
import { asArray, asCount, asObject, asString, type Json } from '../shared/json-fields.ts';
import type { GeminiModelEntry, GeminiModelTable } from './gemini-model-table.ts';

/** Names go into the URL as they are, so nothing else may pass. */
const modelId = /^(?:gemini|gemma)-[a-z0-9][a-z0-9.-]{0,62}$/;
const TIMEOUT_MS = 10_000;
const MAX_PAGES = 10;

export interface GeminiModelListDeps {
  readonly apiKey: string;
  /** `https://host/v1beta` */
  readonly apiUrl: string;
  readonly table: GeminiModelTable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof globalThis.fetch;
}

export interface GeminiModelList {
  /** Never throws: what cannot be fetched is taken from the table. */
  list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  /** @returns nothing for a name that cannot be a model of this service */
  entry(id: string): GeminiModelEntry | undefined;
}

export function createGeminiModelList(deps: GeminiModelListDeps): GeminiModelList {
  const { table, clock, logger } = deps;
  const known = new Map(table.map((entry) => [entry.id, entry]));
  const list = createCachedList<GeminiModelEntry>({
    clock,
    fallback: table,
    async fetch() {
      const fetched = await fetchEntries(deps, known);
      for (const entry of fetched) known.set(entry.id, entry);
      return fetched;
    },
    // Only the error's name: its text may hold the URL.
    onFailure: (error) =>
      logger.warn(
        { provider: 'gemini', reason: error instanceof Error ? error.name : 'unknown' },
        'The list of models could not be fetched',
      ),
  });

  return {
    async list(signal) {
      const all = await list.entries(signal);
      return all.filter((entry) => !isGone(entry, clock.now())).map((entry) => toInfo(entry));
    },
    entry(name) {
      const id = name.replace(/^models\//, '');
      return known.get(id) ?? (modelId.test(id) ? unknownEntry(id, true) : undefined);
    },
  };
}

async function fetchEntries(deps: GeminiModelListDeps, known: ReadonlyMap<string, GeminiModelEntry>): Promise<GeminiModelEntry[]> {
  const controller = new AbortController();
  const cancel = deps.clock.after(TIMEOUT_MS, () => controller.abort());
  const found = new Map<string, GeminiModelEntry>();
  try {
    let token = '';
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const url = `${deps.apiUrl}/models?pageSize=1000${token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`}`;
      const response = await deps.fetch(url, { headers: { 'x-goog-api-key': deps.apiKey }, redirect: 'error', signal: controller.signal });
      if (!response.ok) {
        await response.body?.cancel();
        throw new ModelListError(`status ${response.status}`);
      }
      const body = asObject(await response.json());
      for (const model of asArray(body?.['models'])) {
        const entry = readModel(asObject(model), known);
        if (entry !== undefined) found.set(entry.id, entry);
      }
      token = asString(body?.['nextPageToken']) ?? '';
      if (token === '') break;
    }
  } finally {
    cancel();
    controller.abort();
  }
  if (found.size === 0) throw new ModelListError('no models');
  // The order of the table first: its first entry is the one we recommend.
  const rank = new Map([...known.keys()].map((id, index) => [id, index]));
  return [...found.values()].sort((a, b) => (rank.get(a.id) ?? 1000) - (rank.get(b.id) ?? 1000) || (a.id < b.id ? -1 : 1));
}

class ModelListError extends Error {
  override readonly name = 'ModelListError';
}

/** Models of the list that are no chat models although they answer `generateContent`. */
const notChat = /embedding|tts|live|audio|robotics|computer-use|deep-research|imagen|veo|lyria|aqa|customtools/;

function readModel(model: Json | undefined, known: ReadonlyMap<string, GeminiModelEntry>): GeminiModelEntry | undefined {
  const id = asString(model?.['name'])?.replace(/^models\//, '');
  if (model === undefined || id === undefined || !modelId.test(id) || notChat.test(id)) return undefined;
  if (!asArray(model['supportedGenerationMethods']).includes('generateContent')) return undefined;
  const contextTokens = asCount(model['inputTokenLimit']);
  const outputTokens = asCount(model['outputTokenLimit']);
  const limits = { ...(contextTokens === undefined ? {} : { contextTokens }), ...(outputTokens === undefined ? {} : { outputTokens }) };
  const entry = known.get(id);
  if (entry !== undefined) return { ...entry, ...limits };
  const label = asString(model['displayName']);
  return { ...unknownEntry(id, model['thinking'] === true), ...(label === undefined ? {} : { label }), ...limits };
}

/** A model that the table does not know, by what its name says. */
function unknownEntry(id: string, thinks: boolean): GeminiModelEntry {
  const makesImages = /image|banana/.test(id);
  const family = id.startsWith('gemma') || makesImages || !thinks ? 'none' : id.startsWith('gemini-2.5') ? 'budget' : 'level';
  return {
    id,
    label: id,
    thinking: family,
    images: true,
    ...(family === 'budget' ? { minBudget: 128 } : {}),
    ...(makesImages ? { makesImages } : {}),
  };
}

function isGone(entry: GeminiModelEntry, now: number): boolean {
  return entry.shutdown !== undefined && now >= Date.parse(entry.shutdown);
}

function toInfo(entry: GeminiModelEntry): ModelInfo {
  const { id, label, description, contextTokens, outputTokens, shutdown, replacement } = entry;
  const then = replacement === undefined ? '' : ` After that ${replacement} answers in its place.`;
  return {
    id,
    label,
    provider: 'gemini',
    thinking: entry.thinking !== 'none',
    images: entry.images,
    ...(description === undefined ? {} : { description }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(shutdown === undefined ? {} : { warning: `This model ends on ${shutdown}.${then}`, endsOn: shutdown }),
    ...(shutdown === undefined || replacement === undefined ? {} : { replacedBy: replacement }),
  };
}
