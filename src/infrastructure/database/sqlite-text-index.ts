import type Database from 'libsql';
import type { CollectionRules } from './collection-catalog.ts';
import type { SearchPlan } from './find-plan.ts';
import { searchEntry } from './search-entry.ts';
import { parseDocument, textRows } from './sqlite-rows.ts';
import { columnName, numberTableName, tableName, textTableName } from './sqlite-schema-names.ts';
import { createStatementCache, type Prepare } from './sqlite-statements.ts';
import { documentNumberBucket, lastBucket, ownerMark, tokenOf } from './sqlite-tokens.ts';

/**
 * Which documents hold which words: an FTS5 table without content, whose tokens are our own normalised words, each behind its
 * owner. FTS5 writes what a commit brings as one run and joins runs later, so twenty words cost about as much as one row; in a
 * B-tree of words each of them costs a page.
 */
export interface SqliteTextIndex {
  /** What holds for a document from now on, null: nothing. `fresh`: it had no words before. */
  mark(rules: CollectionRules, id: string, change: { readonly entry: string | null; readonly fresh: boolean }): void;
  /** How many marks there are: what `rewind` takes back to. */
  marks(): number;
  rewind(marks: number): void;
  /** Writes all marks. Last in a transaction: FTS5 ends a run with every savepoint. */
  flush(): void;
  /** Documents, newest id first. */
  search(rules: CollectionRules, plan: SearchPlan): string[];
}

interface Mark {
  readonly rules: CollectionRules;
  readonly id: string;
  readonly entry: string | null;
  readonly fresh: boolean;
}

export function createSqliteTextIndex(prepare: Prepare): SqliteTextIndex {
  let marked: Mark[] = [];

  function flush(): void {
    if (marked.length === 0) return;
    const last = newestOfEach(marked);
    marked = [];
    for (const { rules, id, fresh } of last) {
      if (fresh) continue;
      prepare(textOf(rules).removeText).run(id);
      prepare(textOf(rules).removeNumber).run(id);
    }
    for (const { rules, id, entry } of last) if (entry !== null) prepare(textOf(rules).addNumber).run(id, documentNumberBucket(id));
    for (const { rules, id, entry } of last) if (entry !== null) prepare(textOf(rules).addText).run(id, entry);
  }

  return {
    mark(rules, id, { entry, fresh }) {
      if (rules.spec.search === undefined || (fresh && entry === null)) return;
      marked.push({ rules, id, entry, fresh });
    },
    marks: () => marked.length,
    rewind(marks) {
      marked.length = marks;
    },
    flush,
    search(rules, { owner, words, before, limit }) {
      flush();
      const match = words.map((word, at) => `"${ownerMark(owner)}${tokenOf(word)}"${at === words.length - 1 ? ' *' : ''}`).join(' AND ');
      const top = before === null ? lastBucket : documentNumberBucket(before);
      const { search, searchBefore } = textOf(rules);
      return textRows(prepare(before === null ? search : searchBefore), match, top, owner, limit, ...(before === null ? [] : [before]));
    },
  };
}

/** Made anew from the documents, in a transaction that is open. */
export function rebuildTextIndex(db: Database.Database, rules: CollectionRules, search: { readonly owner: string }): void {
  const [numbers, text, table] = [numberTableName(rules), textTableName(rules), tableName(rules.spec.name)];
  db.exec(`DROP TABLE IF EXISTS ${text}`);
  db.exec(`DROP TABLE IF EXISTS ${numbers}`);
  db.exec(`CREATE TABLE ${numbers} (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)`);
  db.exec(`CREATE VIRTUAL TABLE ${text} USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii')`);
  const prepare = createStatementCache(db);
  const index = createSqliteTextIndex(prepare);
  const page = prepare(`SELECT doc FROM ${table} WHERE id > ? AND ${columnName(search.owner)} IS NOT NULL ORDER BY id LIMIT 500`);
  for (let after = ''; ; ) {
    const documents = textRows(page, after).map(parseDocument);
    for (const document of documents) index.mark(rules, document.id, { entry: searchEntry(rules, document), fresh: true });
    index.flush();
    const last = documents.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** Of several marks of a document the last one holds; it is fresh if the first one was. */
function newestOfEach(marks: readonly Mark[]): Mark[] {
  const last = new Map<string, Mark>();
  for (const mark of marks) {
    const key = `${mark.rules.spec.name} ${mark.id}`;
    last.set(key, { ...mark, fresh: last.get(key)?.fresh ?? mark.fresh });
  }
  return [...last.values()];
}

/** The statements of a collection; made once, as a text that was seen before is found faster. */
interface SqlTexts {
  readonly removeText: string;
  readonly removeNumber: string;
  readonly addNumber: string;
  readonly addText: string;
  readonly search: string;
  readonly searchBefore: string;
}

const known = new WeakMap<CollectionRules, SqlTexts>();

function textOf(rules: CollectionRules): SqlTexts {
  const before = known.get(rules);
  if (before !== undefined) return before;
  const [numbers, text] = [numberTableName(rules), textTableName(rules)];
  const made = {
    removeText: `DELETE FROM ${text} WHERE rowid IN (SELECT n FROM ${numbers} WHERE id = ?)`,
    removeNumber: `DELETE FROM ${numbers} WHERE id = ?`,
    addNumber: numberSql(rules),
    addText: textSql(rules),
    search: searchSql(rules, false),
    searchBefore: searchSql(rules, true),
  };
  known.set(rules, made);
  return made;
}

/** Numbers count up in the bucket of their id. Computed here, as they have more bits than a number of JavaScript. */
function numberSql(rules: CollectionRules): string {
  const numbers = numberTableName(rules);
  const first = '(CAST(?2 AS INTEGER) << 20)';
  const highest = `(SELECT max(n) FROM ${numbers} WHERE n BETWEEN ${first} AND (${first} | 1048575))`;
  return `INSERT INTO ${numbers} (n, id) VALUES (coalesce(${highest}, ${first} - 1) + 1, ?1)`;
}

/** With VALUES, not with SELECT: that would be a savepoint for each document. */
function textSql(rules: CollectionRules): string {
  return `INSERT INTO ${textTableName(rules)} (rowid, words) VALUES ((SELECT n FROM ${numberTableName(rules)} WHERE id = ?1), ?2)`;
}

/**
 * Numbers order documents by bucket, ids order them inside one: so the bucket in which the page ends is read as a whole. Parameters:
 * match, highest bucket, owner, limit, and the id before which the page begins.
 */
function searchSql(rules: CollectionRules, isPage: boolean): string {
  const [numbers, text, table] = [numberTableName(rules), textTableName(rules), tableName(rules.spec.name)];
  const before = isPage ? ' AND m.id < ?5' : '';
  const from = `${text} AS t CROSS JOIN ${numbers} AS m ON m.n = t.rowid`;
  const where = `t.${text} MATCH ?1 AND t.rowid <= ((CAST(?2 AS INTEGER) << 20) | 1048575)${before}`;
  const page = `SELECT t.rowid AS n FROM ${from} WHERE ${where} ORDER BY t.rowid DESC LIMIT ?4`;
  const owner = columnName(rules.spec.search?.owner ?? 'id');
  return `SELECT c.doc FROM ${from} CROSS JOIN ${table} AS c ON c.id = m.id
    WHERE ${where} AND t.rowid >= (SELECT (min(n) >> 20) << 20 FROM (${page})) AND c.${owner} = ?3 ORDER BY c.id DESC LIMIT ?4`;
}
