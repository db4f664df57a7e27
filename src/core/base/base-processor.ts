import { AppError } from '../../lib/app-error.ts';
import { BaseModel } from './base-model.ts';
import type { ProcessorInput, ProcessorInterface, ProcessorOutput, ProcessorRun, ProcessorStatus } from './processor-interface.ts';
import type { ResourceNeeds, ResourceStatus } from './resource-aware.ts';

const MEBIBYTE = 1_048_576;

/**
 * A processor of pictures on the common base: timed, counted, and aware of what it was granted. A processor implements
 * `run`. `Config` is what its plugin was configured with, where it wants it.
 */
export abstract class BaseProcessor<Params, Config = unknown>
  extends BaseModel<Config | undefined, ProcessorInput<Params>, ProcessorRun, Promise<ProcessorOutput>>
  implements ProcessorInterface<Params>
{
  #lastMs: number | null = null;
  #allocated: ResourceNeeds | null = null;
  #peakMemoryMb: number | null = null;

  constructor(name: string, version: string, config?: Config) {
    super(name, version, config);
  }

  /** Does the work. Throws what went wrong; `process` counts it. */
  protected abstract run(input: ProcessorInput<Params>, run: ProcessorRun): Promise<ProcessorOutput>;

  async process(input: ProcessorInput<Params>, run: ProcessorRun): Promise<ProcessorOutput> {
    run.signal.throwIfAborted();
    if (this.released) throw new Error(`the processor ${this.name} was released`);
    this.begun();
    const started = performance.now();
    try {
      const output = await this.run(input, run);
      run.signal.throwIfAborted();
      this.succeeded();
      return output;
    } catch (error) {
      // What the person can mend says nothing about the processor.
      if (!run.signal.aborted) this.failed(error instanceof Error ? error.message : 'unknown', error instanceof AppError);
      throw error;
    } finally {
      this.#lastMs = performance.now() - started;
      this.#notePeak();
    }
  }

  override status(): ProcessorStatus {
    return { ...super.status(), lastMs: this.#lastMs };
  }

  override async release(): Promise<void> {
    await super.release();
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

  #notePeak(): void {
    this.#peakMemoryMb = Math.max(this.#peakMemoryMb ?? 0, process.memoryUsage.rss() / MEBIBYTE);
  }
}
