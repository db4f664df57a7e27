import { Skeleton } from '../ui/skeleton.tsx';

/** A card before anything of it is there: as large as it will be. */
export function JobShape() {
  return (
    <div class="job" aria-busy="true">
      <div class="job-head">
        <Skeleton lines={1} />
      </div>
      <div class="job-stage" />
      <div class="job-foot" />
    </div>
  );
}
