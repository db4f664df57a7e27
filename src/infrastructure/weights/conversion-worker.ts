import { writeFile } from 'node:fs/promises';
import { preferToBeKilled } from '../process-memory.ts';
import type { ConversionAnswer, ConversionJob } from './conversion-process.ts';
import { convertModel } from './convert-model.ts';

/** Entry of the process that converts one model and ends. */
preferToBeKilled();
process.once('message', (job: ConversionJob) => {
  void convert(job).then((answer) => process.send?.(answer, () => process.disconnect()));
});

async function convert({ name, folder, order, output }: ConversionJob): Promise<ConversionAnswer> {
  try {
    await writeFile(output, await convertModel(name, folder, order), { flush: true });
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
