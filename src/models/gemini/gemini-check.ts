import type { ModelHealth } from '../../core/base/model-interface.ts';
import type { Clock } from '../../lib/clock.ts';
import { asArray, asObject, asString } from '../shared/json-fields.ts';

const TIMEOUT_MS = 5000;

export interface GeminiCheckDeps {
  readonly apiKey: string;
  /** `https://host/v1beta` */
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

/** Asks for one entry of the list of models: that costs nothing and needs a good key. Never throws. */
export async function checkGemini({ apiKey, apiUrl, clock, fetch }: GeminiCheckDeps): Promise<ModelHealth> {
  const controller = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => controller.abort());
  try {
    const headers = { 'x-goog-api-key': apiKey };
    const response = await fetch(`${apiUrl}/models?pageSize=1`, { headers, redirect: 'error', signal: controller.signal });
    if (response.ok) return 'ok';
    if (response.status === 401 || response.status === 403) return 'bad_key';
    return response.status === 400 && saysBadKey(await response.json()) ? 'bad_key' : 'unreachable';
  } catch {
    return 'unreachable';
  } finally {
    cancel();
    controller.abort();
  }
}

function saysBadKey(body: unknown): boolean {
  const details = asArray(asObject(asObject(body)?.['error'])?.['details']);
  return details.some((detail) => asString(asObject(detail)?.['reason']) === 'API_KEY_INVALID');
}
