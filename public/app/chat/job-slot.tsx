import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { stageRatio } from '../jobs/stage-ratio.ts';
import { useStyle } from '../jobs/use-style.ts';
import { JobCard } from '../shell/side-pages.tsx';
import type { JobSection } from './message-parts.ts';

const settledMs = 150;

/** Keeps the room of a job's card from the first paint on, and asks for the job where nothing is known of it. */
export function JobSlot({ section }: { readonly section: JobSection }) {
  const { state, actions } = useApp();
  const view = state.jobs.view(section.jobId).value;
  const slot = useRef<HTMLDivElement>(null);
  useEffect(() => state.jobs.want(section.jobId), [section.jobId]);
  const wanted = actions.jobs.wanted.value === section.jobId;
  useEffect(() => {
    if (!wanted) return;
    // A conversation that is opened goes to its end first.
    const timer = setTimeout(() => {
      slot.current?.scrollIntoView({ block: 'center' });
      actions.jobs.found(section.jobId);
    }, settledMs);
    return () => clearTimeout(timer);
  }, [wanted]);
  useStyle(slot, '--ratio', stageRatio(view.state === 'ready' ? view.job : null, section.media));
  return (
    <div ref={slot} class="job-slot">
      <JobCard section={section} view={view} />
    </div>
  );
}
