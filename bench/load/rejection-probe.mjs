// Loaded into a server that is measured (`--import`): adds a line to the file BENCH_REJECTIONS for each rejection or error that nobody handled.
import { appendFileSync } from 'node:fs';

const note = (error) => appendFileSync(process.env.BENCH_REJECTIONS, `${String(error).replaceAll('\n', ' ')}\n`);
process.on('unhandledRejection', note);
process.on('uncaughtExceptionMonitor', note);
