import { launchBrowser } from '../../test/support/browser.ts';
import { openReport } from '../harness/report.mjs';
import { measureAccessibility, measureFirstLoad } from './first-load.mjs';
import { measureLargeAnswer } from './large-answer.mjs';
import { measureCode, measurePaste } from './large-texts.mjs';
import { measureStreaming } from './streaming.mjs';
import { startWorld } from './world.mjs';

const parts = {
  load: measureFirstLoad,
  accessibility: measureAccessibility,
  paste: measurePaste,
  code: measureCode,
  large: measureLargeAnswer,
  streaming: measureStreaming,
};

/** `BENCH_CLIENT` names the parts to measure, with commas; all of them without it. In the quick run there is no answer of 100 kB. */
export async function measureClient() {
  const report = openReport('client');
  const all = Object.keys(parts).filter((name) => !report.quick || name !== 'large');
  const wanted = process.env.BENCH_CLIENT?.split(',') ?? all;
  // The rest of a run needs no browser: without one only this is missing, and that is said.
  const missing = await launchBrowser().then((browser) => browser.close(), String);
  if (missing !== undefined) {
    report.note('**THE BROWSER WAS NOT MEASURED: no Chromium starts here. Set CHROMIUM_PATH to one.**');
    console.error(missing.split('\n').slice(0, 3).join('\n'));
    return report.close();
  }
  const world = await startWorld();
  try {
    report.note(`Chromium ${world.browser.version()}, headless, 1280 x 800, drawn in software`);
    for (const [name, measure] of Object.entries(parts)) if (wanted.includes(name)) await measure(world, report);
  } finally {
    await world.close();
  }
  report.close();
}
