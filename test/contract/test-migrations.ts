import { writeSync } from 'node:fs';
import type { Migration } from '../../src/infrastructure/database/schema-migrations.ts';
import type { CollectionSpec } from '../../src/lib/document-store.ts';

export const things: CollectionSpec = { name: 'things', indexes: [], search: { owner: 'owner', words: 'words' } };
export const thingsWithCode: CollectionSpec = { ...things, indexes: [{ name: 'thingsCode', fields: ['code'], unique: true }] };

export const addCode: Migration = {
  to: 2,
  describe: 'every thing has a code',
  run: { things: (document) => (document['code'] === undefined ? { ...document, code: `c-${document['id'] as string}` } : null) },
};
const newWords: Migration = { to: 3, describe: 'new words', run: { things: (document) => ({ ...document, words: ['fresh'] }) } };

const broken: Migration = {
  to: 2,
  describe: 'fails at the second',
  run: {
    things(document) {
      if (document['id'] === '00001') throw new Error('no');
      return { ...document, touched: true };
    },
  },
};

let seen = 0;
/** To be killed in the middle. */
const standsStill: Migration = {
  to: 2,
  describe: 'stands still',
  run: {
    things(document) {
      seen += 1;
      if (seen === 700) {
        writeSync(1, 'in the middle\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      return { ...document, half: true };
    },
  },
};

const nothing = (to: number): Migration => ({ to, describe: `step ${to}`, run: {} });

/** Lists of migrations by name, because functions do not cross into a thread. */
export const migrationLists: Readonly<Record<string, readonly Migration[]>> = {
  none: [],
  code: [addCode],
  words: [addCode, newWords],
  broken: [broken],
  standsStill: [standsStill],
  to3: [addCode, nothing(3)],
  to4: [addCode, nothing(3), nothing(4)],
  to5: [addCode, nothing(3), nothing(4), nothing(5)],
  to6: [addCode, nothing(3), nothing(4), nothing(5), nothing(6)],
};
