// Conversations as people have them, made without the server: the same every time.

const VOCABULARY = 4000;
export const QUESTION_WORDS = 20;
export const ANSWER_WORDS = 60;

/** @returns numbers from 0 to 1, the same for the same seed */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Few words are common and most are rare: `word0` stands in nearly every text. */
export function sentence(random, words) {
  return Array.from({ length: words }, () => `word${Math.floor(VOCABULARY ** random()) - 1}`).join(' ');
}

/** A conversation with `turns` questions and answers, as documents in a row. `store` is the module of `built-store`. */
export function conversationOf(store, { ownerId, turns, random, now }) {
  const { newConversation, newId, normaliseWords } = store;
  const title = sentence(random, 4);
  const empty = newConversation({ ownerId, title, titledBy: 'automatic', now });
  const messages = [];
  let parentId = null;
  for (let index = 0; index < turns * 2; index += 1) {
    const role = index % 2 === 0 ? 'user' : 'assistant';
    const text = sentence(random, role === 'user' ? QUESTION_WORDS : ANSWER_WORDS);
    const id = newId();
    const fields = { status: 'complete', parts: [{ type: 'text', text }], createdAt: now, words: normaliseWords(text) };
    messages.push({ id, conversationId: empty.id, ownerId, parentId, role, ...fields });
    parentId = id;
  }
  return { conversation: { ...empty, headId: parentId }, messages };
}

/** Writes documents in batches, several on the way at a time. `documents` is a DocumentStore. */
export async function writeAll(documents, all, { step = 200, lanes = 4 } = {}) {
  let at = 0;
  const lane = async () => {
    while (at < all.length) {
      const some = all.slice(at, (at += step));
      await documents.batch(some.map(([collection, document]) => ({ type: 'insert', collection, document })));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
