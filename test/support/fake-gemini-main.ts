import { startFakeGemini } from './fake-gemini.ts';

const at = process.argv.indexOf('--port');
const fake = await startFakeGemini(at === -1 ? 0 : Number(process.argv[at + 1]));
process.stdout.write(`fake gemini on http://127.0.0.1:${fake.port}/<scenario>\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    fake.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
