import '../../styles/jobs.css';
import { useEffect } from 'preact/hooks';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import { JobRow } from './job-row.tsx';

/** Jobs in a card of the chat; each goes on showing how far it is. */
export function JobRows({ jobs }: { readonly jobs: readonly Job[] }) {
  const { state } = useApp();
  useEffect(() => {
    for (const job of jobs) state.jobs.put(job);
  }, [jobs]);
  return (
    <ul class="job-rows">
      {jobs.map((job) => (
        <li key={job.id}>
          <LiveRow job={job} />
        </li>
      ))}
    </ul>
  );
}

function LiveRow({ job }: { readonly job: Job }) {
  const view = useApp().state.jobs.view(job.id).value;
  return <JobRow job={view.state === 'ready' ? view.job : job} />;
}
