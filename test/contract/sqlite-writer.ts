import { createSqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import type { Document } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newId } from '../../src/lib/new-id.ts';

/** A process that prints the id of each document once its insert is acknowledged, until it is killed. */
const [directory = ''] = process.argv.slice(2);
const database = createSqliteDatabase({ directory, collections: [{ name: 'things', indexes: [] }], logger: silentLogger });
try {
  await database.start();
  process.stdout.write('open\n');
  const write = async (): Promise<never> => {
    for (;;) {
      const id = newId();
      await database.documents.insert('things', { id, text: 'x'.repeat(500) } as Document);
      process.stdout.write(`${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, write));
} catch (error) {
  process.stdout.write(`refused ${error instanceof Error ? `${error.name}: ${error.message}` : ''}\n`);
}
