import { describe, expect, it } from 'vitest';
import { createThread } from '../../../public/app/state/thread.ts';
import type { Message } from '../../../src/protocol/shapes.ts';

let minute = 0;
const message = (id: string, parentId: string | null, role: Message['role']): Message => ({
  id,
  conversationId: 'c1',
  parentId,
  role,
  status: 'complete',
  parts: [],
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute++)).toISOString(),
});

/** q1 -> (a1 -> q2 -> a2) and q1 -> b1 */
function branched() {
  const thread = createThread('c1');
  const q1 = message('q1', null, 'user');
  const a1 = message('a1', 'q1', 'assistant');
  const q2 = message('q2', 'a1', 'user');
  const a2 = message('a2', 'q2', 'assistant');
  const b1 = message('b1', 'q1', 'assistant');
  thread.upsert([b1, a2, q2, a1, q1]);
  thread.setHead('a2');
  return thread;
}

describe('the tree of a conversation', () => {
  it('shows the branch of the head, oldest first', () => {
    expect(branched().branch.value).toEqual(['q1', 'a1', 'q2', 'a2']);
  });

  it('names the siblings in the order in which they were written', () => {
    const thread = branched();
    expect(thread.siblings('a1')).toEqual(['a1', 'b1']);
    expect(thread.siblings('q2')).toEqual(['q2']);
  });

  it('goes down to the newest leaf of another branch', () => {
    const thread = branched();
    thread.setHead('b1');
    expect(thread.branch.value).toEqual(['q1', 'b1']);
    expect(thread.leafUnder('a1')).toBe('a2');
  });

  it('changes one message without touching the branch', () => {
    const thread = branched();
    const before = thread.branch.value;
    thread.upsert([{ ...message('a2', 'q2', 'assistant'), parts: [{ type: 'text', text: 'x' }] }]);
    expect(thread.branch.value).toBe(before);
    expect(thread.message('a2')?.value.parts).toHaveLength(1);
  });

  it('shows the newest branch while the head is not loaded', () => {
    const thread = branched();
    thread.setHead('unknown');
    expect(thread.branch.value).toEqual(['q1', 'b1']);
  });
});
