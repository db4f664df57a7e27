import { useEffect, useRef, useState } from 'preact/hooks';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { isFinal } from '../state/jobs.ts';

/** Counts `etaSeconds` down between the words of the server. Null: nobody knows. */
export function useTimeLeft(job: Job): number | null {
  const [, tick] = useState(0);
  const known = useRef({ version: -1, at: 0 });
  if (known.current.version !== job.version) known.current = { version: job.version, at: Date.now() };
  const counts = !isFinal(job) && job.etaSeconds !== undefined;
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [counts]);
  if (job.etaSeconds === undefined) return null;
  return Math.max(0, job.etaSeconds - (Date.now() - known.current.at) / 1000);
}
