import type { ProcessorInput, ProcessorInterface, ProcessorOutput, ProcessorRun, ProcessorStatus } from './processor-interface.ts';
import type { ResourceNeeds, ResourceStatus } from './resource-aware.ts';

/**
 * What every processor shares: identity, counted status, timing, and the resources that it was granted.
 * A processor implements `run`.
 */
export abstract class BaseProcessor<Params> implements ProcessorInterface<Params> {
  readonly name: string;
  readonly version: string;
  #state: ProcessorStatus['state'] = 'created';
  #reason: string | undefined;
  #runs = 0;
  #failures = 0;
  #lastMs: number | null = null;
  #allocated: ResourceNeeds | null = null;
  #peakMemoryMb: number | null = null;

  constructor(name: string, version: string) {
    this.name = name;
    this.version = version;
  }

  /** Does the work. Throws what went wrong; `process` counts it. */
  protected abstract run(input: ProcessorInput<Params>, run: ProcessorRun): Promise<ProcessorOutput>;

  async process(input: ProcessorInput<Params>, run: ProcessorRun): Promise<ProcessorOutput> {
    run.signal.throwIfAborted();
    if (this.#state === 'released') throw new Error(`the processor ${this.name} was released`);
    this.#runs += 1;
    const begun = performance.now();
    try {
      const output = await this.run(input, run);
      run.signal.throwIfAborted();
      this.#become('ready');
      return output;
    } catch (error) {
      if (!run.signal.aborted) {
        this.#failures += 1;
        this.#reason = error instanceof Error ? error.message : 'unknown';
        this.#become('failed');
      }
      throw error;
    } finally {
      this.#lastMs = performance.now() - begun;
      this.#notePeak();
    }
  }

  status(): ProcessorStatus {
    return {
      state: this.#state,
      runs: this.#runs,
      failures: this.#failures,
      lastMs: this.#lastMs,
      ...(this.#state === 'failed' && this.#reason !== undefined ? { reason: this.#reason } : {}),
    };
  }

  async release(): Promise<void> {
    this.#state = 'released';
    this.releaseResources();
  }

  allocateResources(needs: ResourceNeeds): void {
    this.#allocated = needs;
    this.#peakMemoryMb = null;
    this.#notePeak();
  }

  releaseResources(): void {
    this.#allocated = null;
  }

  resourceStatus(): ResourceStatus {
    return { allocated: this.#allocated, peakMemoryMb: this.#peakMemoryMb };
  }

  #become(state: ProcessorStatus['state']): void {
    if (this.#state !== 'released') this.#state = state;
  }

  #notePeak(): void {
    const now = process.memoryUsage.rss() / 1_048_576;
    this.#peakMemoryMb = Math.max(this.#peakMemoryMb ?? 0, now);
  }
}
