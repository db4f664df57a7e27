import type { MediaPart } from '../../protocol/index.ts';
import { type MessageRecord, textOf } from '../conversations/message-record.ts';

/** A message as a model is told of it. */
export interface SaidTurn {
  readonly message: MessageRecord;
  readonly text: string;
  readonly files: readonly MediaPart[];
}

/**
 * What jobs made is shown to models as something that the person sends along with the next message: services take pictures in
 * an assistant's turn only with signatures of their own (Gemini 3), or not at all (the protocol of OpenAI).
 * @param branch oldest first
 */
export function foldResults(branch: readonly MessageRecord[]): SaidTurn[] {
  const turns: SaidTurn[] = [];
  let waiting: SaidTurn[] = [];
  for (const message of branch) {
    const turn = {
      message,
      text: textOf(message.parts),
      files: message.parts.filter((part) => part.type === 'image' || part.type === 'file'),
    };
    if (isResult(message)) {
      if (turn.text !== '' || turn.files.length > 0) waiting.push(turn);
    } else if (message.role === 'user') {
      turns.push(withResults(waiting, turn));
      waiting = [];
    } else turns.push(turn);
  }
  return turns;
}

/** An imported one has no job any more, and its pictures still say where they come from. */
function isResult({ role, parts }: MessageRecord): boolean {
  return (
    role === 'assistant' && parts.some((part) => part.type === 'job' || (part.type === 'image' && part.provenance?.['jobId'] !== undefined))
  );
}

function withResults(results: readonly SaidTurn[], asked: SaidTurn): SaidTurn {
  if (results.length === 0) return asked;
  const notes = results.map(({ text, files }) => {
    const kind = files[0]?.provenance?.['kind'];
    const name = typeof kind === 'string' ? ` of ${kind}` : '';
    const count = files.length === 0 ? '' : `: ${files.length} ${files.length === 1 ? 'picture' : 'pictures'}`;
    return `[Result${name}${count}]${text === '' ? '' : `\n${text}`}`;
  });
  const text = [...notes, asked.text].filter((part) => part !== '').join('\n\n');
  return { ...asked, text, files: [...results.flatMap(({ files }) => files), ...asked.files] };
}
