/** What a piece of work needs while it runs. */
export interface ResourceNeeds {
  /** Threads that it keeps busy, at least 1. */
  readonly cpuThreads: number;
  /** Resident memory of its process at the peak, in MiB. */
  readonly memoryMb: number;
  /** Memory of the graphics card, in MiB. Omitted or 0: none. */
  readonly gpuMemoryMb?: number;
}

/** What somebody holds now. */
export interface ResourceStatus {
  readonly allocated: ResourceNeeds | null;
  /** Peak since the last allocation, in MiB; null where it was not measured. */
  readonly peakMemoryMb: number | null;
}

/** Something that says what it needs before it works, and gives it back. */
export interface ResourceAware {
  /** Notes what was granted. Called before work begins; a second call replaces the first. */
  allocateResources(needs: ResourceNeeds): void;
  /** Safe to call twice. */
  releaseResources(): void;
  resourceStatus(): ResourceStatus;
}
