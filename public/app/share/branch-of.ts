import type { Message } from '../../../src/protocol/shapes.ts';

/** The branch that ends with `headId`, oldest first, of messages of all branches. */
export function branchOf(messages: readonly Message[], headId: string | null): readonly Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: Message[] = [];
  for (let id = headId; id !== null; ) {
    const message = byId.get(id);
    if (message === undefined) break;
    branch.push(message);
    byId.delete(id);
    id = message.parentId;
  }
  return branch.reverse();
}
