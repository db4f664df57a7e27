import { type Config, ConfigError, readConfig, readEnvironment } from './config.ts';
import { failStart } from './fail-start.ts';
import { prepareSqliteWorker } from './infrastructure/database/sqlite-thread.ts';
import { heapExceeds, memoryBudget, restartWithSmallerHeap } from './infrastructure/process-memory.ts';

function loadConfig(): Config {
  try {
    return readConfig(readEnvironment(), process.argv.slice(2));
  } catch (error) {
    if (error instanceof ConfigError) return failStart(error.lines);
    throw error;
  }
}

/** Before anything else is done: the program begins anew where its heap is too large for the budget and Node can do that. */
function fitHeap(config: Config): void {
  const budgetBytes = memoryBudget(config.limits.memoryMb);
  if (budgetBytes !== null && heapExceeds(budgetBytes)) restartWithSmallerHeap(budgetBytes);
}

async function main(): Promise<void> {
  const config = loadConfig();
  fitHeap(config);
  // The thread of the store and the rest of the server load side by side.
  const startSqliteWorker = config.mongoUri === undefined ? prepareSqliteWorker() : undefined;
  const { serve } = await import('./serve.ts');
  await serve(config, startSqliteWorker);
}

main().catch((error: unknown) => failStart([error instanceof Error ? error.message : String(error)]));
