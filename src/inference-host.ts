import { writeFileSync } from 'node:fs';
import { type HostAnswer, type HostRequest, hostReady, memoryExitCode } from './infrastructure/inference/host-protocol.ts';
import { AppError } from './lib/app-error.ts';

/**
 * The child process that decodes pictures (later also models and plugins): what is read here is hostile, may crash the
 * native code or fill the memory, and then only this process ends. Started and watched by `inference-client.ts`.
 */

/** How often the memory is looked at while a job runs. */
const memoryCheckMs = 50;

function preferToBeKilled(): void {
  if (process.platform !== 'linux') return;
  try {
    // When the machine runs out of memory the kernel takes this process, not the server.
    writeFileSync('/proc/self/oom_score_adj', '600');
  } catch {
    // A container may forbid it; the host then has the server's score.
  }
}

async function answer(request: HostRequest): Promise<HostAnswer> {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > request.memoryLimit) process.exit(memoryExitCode);
  }, memoryCheckMs);
  try {
    const { prepareImage } = await import('./infrastructure/inference/picture-codec.ts');
    const value = await prepareImage(request.input);
    return { id: request.id, ok: true, value, rss: process.memoryUsage.rss() };
  } catch (error) {
    const { code, message, params } = AppError.from(error);
    return { id: request.id, ok: false, error: { code, message, params }, rss: process.memoryUsage.rss() };
  } finally {
    clearInterval(watch);
  }
}

preferToBeKilled();
process.on('disconnect', () => process.exit(0));
// The terminal sends these to the whole group; the server decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('message', (request: HostRequest) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    () => process.exit(1),
  );
});
process.send?.(hostReady);
