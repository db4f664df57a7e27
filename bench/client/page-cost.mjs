// What the main thread of a page pays while something happens on it.

/** Counters of the page; times are CPU time of the main thread, so the neighbours on the machine hardly show in them. */
export async function readCost(tools) {
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const { metrics } = await tools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

export async function readMemory(tools) {
  await tools.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize, Nodes } = await readCost(tools);
  return { heapMb: JSHeapUsedSize / 2 ** 20, nodes: Nodes };
}

/** Watches frames from inside the page: it asks for every frame, so its own cost is not to be counted. */
export async function watchFrames(page) {
  await page.evaluate(() => {
    const watch = { times: [], on: true };
    globalThis.benchFrames = watch;
    const tick = (time) => {
      watch.times.push(time);
      if (watch.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
}

/** @returns the longest distance between two frames in ms, and the share of frames of 60 a second that did not come */
export async function readFrames(page) {
  const times = await page.evaluate(() => {
    globalThis.benchFrames.on = false;
    return globalThis.benchFrames.times;
  });
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0);
  return { longest: Math.max(...gaps), droppedShare: (100 * dropped) / Math.max(1, gaps.length + dropped) };
}

/** Records what the main thread did. @returns how to end it: the longest task in ms of CPU, tasks above 50 ms of wall time, layouts that a script forced */
export async function traceTasks(tools) {
  const events = [];
  tools.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const categories = 'toplevel,devtools.timeline,disabled-by-default-devtools.timeline';
  await tools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: categories.split(',') } });
  return async () => {
    const complete = new Promise((resolve) => tools.once('Tracing.tracingComplete', resolve));
    await tools.send('Tracing.end');
    await complete;
    return readTrace(events);
  };
}

const scriptNames = new Set(['FunctionCall', 'FireAnimationFrame', 'EvaluateScript', 'TimerFire', 'EventDispatch', 'RunMicrotasks']);

function readTrace(events) {
  const main = events.find(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const own = events.filter(({ ph, pid, tid }) => ph === 'X' && pid === main?.pid && tid === main?.tid).toSorted((a, b) => a.ts - b.ts);
  const tasks = own.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask');
  let forced = 0;
  let layouts = 0;
  let scriptEnds = 0;
  for (const { name, ts, dur = 0 } of own) {
    if (scriptNames.has(name)) scriptEnds = Math.max(scriptEnds, ts + dur);
    else if (name === 'Layout') {
      layouts += 1;
      if (ts < scriptEnds) forced += 1;
    }
  }
  const wall = tasks.map(({ dur = 0 }) => dur / 1000);
  return {
    forced,
    layouts,
    longestCpu: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000)),
    longestWall: Math.max(0, ...wall),
    longTasks: wall.filter((ms) => ms > 50).length,
  };
}
