import { Buffer } from 'node:buffer';
import type { ModelRequest, ModelTurn } from '../../core/base/model-interface.ts';
import type { Json } from '../shared/json-fields.ts';
import { pictureMime } from '../shared/picture-mime.ts';

/**
 * The body of `POST /chat/completions` (https://platform.openai.com/docs/api-reference/chat/create), with the fields that
 * Ollama, llama.cpp and vLLM share and no other: some services refuse what they do not know.
 * @param images whether the model can see; else pictures are left out and named in the text
 */
export async function buildOpenAiRequest(request: ModelRequest, images: boolean): Promise<Json> {
  const { model, systemInstruction, temperature, maxOutputTokens } = request;
  const turns = await Promise.all(merged(request.turns).map((turn) => toMessage(turn, images)));
  return {
    model,
    messages: systemInstruction === undefined ? turns : [{ role: 'system', content: systemInstruction }, ...turns],
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined || maxOutputTokens === 0 ? {} : { max_tokens: maxOutputTokens }),
  };
}

/** Templates of local models want user and assistant in turn. */
function merged(turns: readonly ModelTurn[]): ModelTurn[] {
  const out: ModelTurn[] = [];
  for (const turn of turns) {
    const last = out.at(-1);
    if (last?.role === turn.role) {
      out[out.length - 1] = { ...last, text: joined(last.text, turn.text), images: [...last.images, ...turn.images] };
    } else out.push(turn);
  }
  return out;
}

function joined(before: string, after: string): string {
  return before === '' || after === '' ? before + after : `${before}\n\n${after}`;
}

async function toMessage(turn: ModelTurn, images: boolean): Promise<Json> {
  // Only a person's message may carry pictures in this protocol.
  if (!images || turn.role === 'assistant' || turn.images.length === 0) return { role: turn.role, content: withoutPictures(turn) };
  const pictures = await Promise.all(
    turn.images.map(async ({ mime, load }) => {
      const bytes = await load();
      const url = `data:${pictureMime(bytes, mime)};base64,${Buffer.from(bytes).toString('base64')}`;
      return { type: 'image_url', image_url: { url } };
    }),
  );
  return { role: 'user', content: [...pictures, ...(turn.text === '' ? [] : [{ type: 'text', text: turn.text }])] };
}

function withoutPictures({ text, images }: ModelTurn): string {
  if (images.length === 0) return text;
  return joined(text, images.length === 1 ? '[A picture that you cannot see.]' : `[${images.length} pictures that you cannot see.]`);
}
