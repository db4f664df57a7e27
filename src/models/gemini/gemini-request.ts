import type { ModelImage, ModelRequest, ModelTurn } from '../../core/base/model-interface.ts';
import { asObject, asString, type Json } from '../shared/json-fields.ts';
import { pictureMime } from '../shared/picture-mime.ts';
import type { GeminiModelEntry } from './gemini-model-table.ts';
import { type WireContent, type WirePart, type WireRequest } from './gemini-wire.ts';

/** Base64 of pictures in one request; the service takes 100 MB, older routes 20 MB. */
export const MAX_INLINE_CHARS = 20_000_000;

/** The pictures of a request are together too large to send inline. */
export class InlineTooLargeError extends Error {
  override readonly name = 'InlineTooLargeError';
}

/**
 * @param stripSignatures sends the history without thought signatures, for a service that refused them
 * @throws InlineTooLargeError, and what loading a picture throws
 */
export async function buildGeminiRequest(request: ModelRequest, entry: GeminiModelEntry, stripSignatures: boolean): Promise<WireRequest> {
  const contents: WireContent[] = [];
  let inline = 0;
  for (const turn of request.turns) {
    const images: WirePart[] = [];
    for (const image of entry.images ? turn.images : []) {
      const part = await inlinePart(image);
      inline += part.inlineData.data.length;
      if (inline > MAX_INLINE_CHARS) throw new InlineTooLargeError('The pictures are too large for one request.');
      images.push(part);
    }
    const parts = turnParts(turn, images, stripSignatures || turn.rawModel !== request.model);
    if (parts.length > 0) contents.push({ role: turn.role === 'assistant' ? 'model' : 'user', parts });
  }
  const instruction = request.systemInstruction?.trim();
  return {
    contents,
    ...(instruction === undefined || instruction === '' ? {} : { systemInstruction: { role: 'system', parts: [{ text: instruction }] } }),
    generationConfig: generationConfig(request, entry),
    // Since 2026-10-26 new projects log requests unless each one says no.
    store: false,
  };
}

async function inlinePart(image: ModelImage): Promise<{ inlineData: { mimeType: string; data: string } }> {
  const bytes = await image.load();
  const mimeType = pictureMime(bytes, image.mime);
  return { inlineData: { mimeType, data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') } };
}

function turnParts(turn: ModelTurn, images: readonly WirePart[], strip: boolean): WirePart[] {
  const raw = replayable(turn);
  if (raw !== undefined) return replay(raw, images, strip);
  return turn.text === '' ? [...images] : [...images, { text: turn.text }];
}

/** The provider's own parts, if they still say what the turn says: an answer that was continued or edited has another text. */
function replayable(turn: ModelTurn): readonly WirePart[] | undefined {
  if (turn.role !== 'assistant' || turn.rawProvider !== 'gemini' || turn.raw === undefined || turn.raw.length === 0) return undefined;
  const parts = turn.raw.map((part) => asObject(part)).filter((part): part is WirePart => part !== undefined);
  const text = parts.map((part) => (part.thought === true ? '' : (asString(part.text) ?? ''))).join('');
  return turn.text === '' || text.trim() === turn.text.trim() ? parts : undefined;
}

function replay(raw: readonly WirePart[], images: readonly WirePart[], strip: boolean): WirePart[] {
  const waiting = [...images];
  const parts: WirePart[] = [];
  for (const part of raw) {
    const { thoughtSignature, ...bare } = part;
    const kept = strip ? bare : part;
    if (part.inlineData !== undefined) {
      // Pictures were left out of the raw parts; the stored file takes the place and keeps the signature.
      const image = waiting.shift();
      if (image !== undefined) parts.push({ ...kept, ...image });
    } else if (!strip || (part.thought !== true && part.text !== '')) parts.push(kept);
  }
  return [...waiting, ...parts];
}

function generationConfig(request: ModelRequest, entry: GeminiModelEntry): Json {
  const thinking = thinkingConfig(request, entry);
  return {
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
    ...(thinking === undefined ? {} : { thinkingConfig: thinking }),
    ...(entry.makesImages === true ? { responseModalities: ['TEXT', 'IMAGE'] } : {}),
  };
}

const budgets = { quick: 512, normal: -1, deep: 16_384 } as const;
const levels = { quick: 'low', normal: 'medium', deep: 'high' } as const;

/** The 2.5 family takes a budget in tokens (-1: its own choice, 0: off where it can be), later ones a level that cannot be off. */
function thinkingConfig(request: ModelRequest, entry: GeminiModelEntry): Json | undefined {
  if (entry.thinking === 'none' || (!request.thinking && entry.thinksOnRequest === true)) return undefined;
  if (entry.thinking === 'level') {
    return { includeThoughts: request.thinking, thinkingLevel: request.thinking ? levels[request.level] : 'low' };
  }
  return { includeThoughts: request.thinking, thinkingBudget: request.thinking ? budgets[request.level] : (entry.minBudget ?? 0) };
}
