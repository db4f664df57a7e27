import { loadavg } from 'node:os';
import { measureFirstLoad } from './first-load.mjs';
import { measureLargeTexts } from './large-texts.mjs';
import { measureStreaming } from './streaming.mjs';
import { startWorld } from './world.mjs';

/** `BENCH_CLIENT` names the parts to measure, with commas; all of them without it. */
export async function measureClient() {
  const parts = { load: measureFirstLoad, texts: measureLargeTexts, streaming: measureStreaming };
  const wanted = (process.env.BENCH_CLIENT ?? Object.keys(parts).join(',')).split(',');
  console.log(
    `load of the machine before: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  const world = await startWorld();
  try {
    console.log(`Chromium ${world.browser.version()}`);
    for (const [name, measure] of Object.entries(parts)) if (wanted.includes(name)) await measure(world);
  } finally {
    await world.close();
  }
  console.log(
    `\nload of the machine after: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
}
