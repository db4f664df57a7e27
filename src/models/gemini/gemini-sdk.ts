import type { Readable } from 'node:stream';
import type { GenerateContentRequest, GoogleGenerativeAI } from '@google/generative-ai';
import { bodyOf } from './gemini-fetch.ts';
import type { WireRequest } from './gemini-wire.ts';

export interface GeminiSdk {
  /**
   * Sends the request.
   * @returns the body of the answer, unread
   * @throws the SDK's errors, to be read with `faultOfError`
   */
  open(model: string, request: WireRequest, signal: AbortSignal): Promise<Readable>;
}

/** The version of the API in the URLs. */
export const apiVersion = 'v1beta';

/** The only place that knows the SDK. It is loaded with the first request, so that a start without Gemini does not pay for it. */
export function createGeminiSdk(apiKey: string, baseUrl: string): GeminiSdk {
  let client: Promise<GoogleGenerativeAI> | undefined;
  return {
    async open(model, request, signal) {
      client ??= import('@google/generative-ai').then((sdk) => new sdk.GoogleGenerativeAI(apiKey));
      const generative = (await client).getGenerativeModel({ model }, { baseUrl, apiVersion });
      // It may have ended while the SDK was loaded, and our `fetch` with it: the request would go out past it.
      signal.throwIfAborted();
      // The SDK's types know no thought signatures, `store` or `continuationToken`, but it sends what it gets; it also changes
      // the object it gets, so each call has its own.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK's boundary, for the reason above
      const body = { ...request } as unknown as GenerateContentRequest;
      return bodyOf(signal, async (customHeaders) => {
        const result = await generative.generateContentStream(body, { customHeaders });
        // Not reached while our `fetch` stands; unhandled, its rejection would end the process.
        result.response.catch(() => {});
      });
    },
  };
}
