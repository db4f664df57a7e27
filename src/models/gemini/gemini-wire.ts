import type { Json } from '../shared/json-fields.ts';

/** A part of the model's content, and of a request's. */
export interface WirePart {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly [other: string]: unknown;
}

export interface WireContent {
  readonly role: 'user' | 'model';
  readonly parts: readonly WirePart[];
}

export interface WireRequest {
  readonly contents: readonly WireContent[];
  readonly systemInstruction?: { readonly role: 'system'; readonly parts: readonly WirePart[] };
  readonly generationConfig: Json;
  readonly store: false;
  readonly continuationToken?: string;
}
