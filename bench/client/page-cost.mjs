// What the main thread of a page pays while something happens on it.

/** Counters of the page; times are CPU time of the main thread, so the neighbours on the machine hardly show in them. */
export async function readCost(tools) {
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const { metrics } = await tools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** @returns ms of CPU between two readings: all of it, of it script, of it style and layout */
export function costBetween(before, after) {
  const of = (name) => 1000 * (after[name] - before[name]);
  return { task: of('TaskDuration'), script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration') };
}

export async function readMemory(tools) {
  await tools.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize, Nodes } = await readCost(tools);
  return { heapMb: JSHeapUsedSize / 2 ** 20, nodes: Nodes };
}

/** Watches frames from inside the page: it asks for every frame, so its own cost is not to be counted. */
export async function watchFrames(page) {
  await page.evaluate(() => {
    const watch = { times: [], long: [], on: true };
    globalThis.benchFrames = watch;
    watch.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watch.long.push(duration);
    });
    watch.observer.observe({ type: 'longtask' });
    const tick = (time) => {
      watch.times.push(time);
      if (watch.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
}

/** @returns the longest distance between two frames in ms, frames of 60 a second that did and did not come, tasks above 50 ms of wall time */
export async function readFrames(page) {
  const { times, long } = await page.evaluate(() => {
    const { times, long, observer } = globalThis.benchFrames;
    globalThis.benchFrames.on = false;
    observer.disconnect();
    return { times, long };
  });
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0);
  return { longest: Math.max(0, ...gaps), dropped, frames: gaps.length + dropped, longTasks: long.length };
}

/** Records the tasks of the main thread. @returns how to end it: the CPU of the longest one, in ms */
export async function traceTasks(tools) {
  const events = [];
  const collect = ({ value }) => events.push(...value);
  tools.on('Tracing.dataCollected', collect);
  await tools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel'] } });
  return async () => {
    const complete = new Promise((resolve) => tools.once('Tracing.tracingComplete', resolve));
    await tools.send('Tracing.end');
    await complete;
    tools.off('Tracing.dataCollected', collect);
    const main = events.find(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
    const own = events.filter(({ name, pid, tid }) => name.endsWith('RunTask') && pid === main?.pid && tid === main?.tid);
    // The clock of the CPU is a coarse one: a task takes no more of it than of time.
    return own.reduce((longest, { dur = 0, tdur = 0 }) => Math.max(longest, Math.min(dur, tdur)), 0) / 1000;
  };
}
