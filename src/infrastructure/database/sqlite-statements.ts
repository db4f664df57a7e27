import type Database from 'libsql';

export type Prepare = (sql: string) => Database.Statement;

const maxStatements = 500;

/** Statements are kept, as preparing costs more than running. Those that read are in raw mode. */
export function createStatementCache(db: Database.Database): Prepare {
  const statements = new Map<string, Database.Statement>();

  return function prepare(sql: string): Database.Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    if (statement.reader) statement.raw();
    if (statements.size >= maxStatements) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
}
