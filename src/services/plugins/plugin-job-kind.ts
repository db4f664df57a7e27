import { type ModelManifest, type ProcessorDeclaration, type ProcessorTask } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { JobEstimate, JobKind, JobTask } from '../ports/job-kinds.ts';
import { parsePluginForm } from './parse-plugin-form.ts';
import type { PluginEntry } from './plugin-entry.ts';
import type { PluginWeights } from './plugin-ports.ts';

export interface JobKindParts {
  readonly kind: string;
  readonly entry: PluginEntry;
  readonly declaration: ProcessorDeclaration;
  readonly models: readonly ModelManifest[];
  readonly pluginVersion: string;
  readonly weights: PluginWeights;
  /** A function of the declarations threw. */
  readonly onFault: (what: string, error: unknown) => void;
}

/** A processor of a plugin as the jobs see it. Its functions come from the plugin: what they throw or give is not trusted. */
export function createPluginJobKind(parts: JobKindParts): JobKind {
  const { kind, entry, declaration, models, weights } = parts;
  const plugin = entry.name;
  const installed = () => models.map(({ name }) => name).filter((name) => weights.folderOf(name) !== null);

  function guarded<T>(what: string, ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      parts.onFault(what, error);
      throw new AppError('PLUGIN_FAILED', { params: { plugin }, cause: error });
    }
  }

  function estimate(task: JobTask): JobEstimate {
    return guarded('estimate', () => {
      const given: ProcessorTask<JobTask['params']> = { ...task, installed: installed(), config: entry.config };
      return checkedEstimate(declaration.estimate(given), models);
    });
  }

  return {
    kind,
    plugin,
    pluginVersion: parts.pluginVersion,
    title: wordsOf(declaration.title),
    input: declaration.input,
    parseParams: (params) => parsePluginForm(plugin, declaration.params, params, 'The parameter'),
    levelFor(asked, task) {
      if (asked !== 'auto') return asked;
      const level = guarded(
        'autoLevel',
        () => declaration.autoLevel?.({ ...task, installed: installed(), config: entry.config }) ?? 'normal',
      );
      return level === 'quick' || level === 'deep' ? level : 'normal';
    },
    estimate,
    configured: () => entry.config,
    isRepeatable: (params) => guarded('isRepeatable', () => declaration.isRepeatable?.(params) ?? true),
    assertReady(task) {
      if (entry.state === 'disabled') throw new AppError('PLUGIN_DISABLED', { params: { plugin } });
      if (entry.state === 'failed') throw new AppError('PLUGIN_FAILED', { params: { plugin } });
      const missing = estimate(task).models.find((name) => weights.folderOf(name) === null);
      if (missing === undefined) return;
      const source = models.find(({ name }) => name === missing)?.source;
      if (source?.kind !== 'operator') throw new AppError('MODEL_MISSING', { params: { plugin, model: missing } });
      // What has to be brought is told in full, in the languages that the plugin knows: nobody can guess which files belong where.
      const { en, ...others } = wordsOf(source.instructions);
      throw new AppError('MODEL_MISSING', { message: en, params: { plugin, model: missing, ...others } });
    },
  };
}

/** Only numbers that a scheduler can count with. @throws Error that names what is wrong */
function checkedEstimate(given: ReturnType<ProcessorDeclaration['estimate']>, declared: readonly ModelManifest[]): JobEstimate {
  const { seconds, memoryMb, gpuMemoryMb = 0, cpuThreads, models, output } = given;
  for (const [name, value] of Object.entries({ seconds, memoryMb, gpuMemoryMb, cpuThreads })) {
    if (!Number.isFinite(value) || value < 0) throw new Error(`estimate gives ${name}: ${value}`);
  }
  const unknown = models.find((model) => !declared.some(({ name }) => name === model));
  if (unknown !== undefined) throw new Error(`estimate names the model ${unknown}, which the plugin does not declare`);
  return {
    seconds,
    memoryMb,
    gpuMemoryMb,
    cpuThreads: Math.max(1, Math.round(cpuThreads)),
    models: [...new Set(models)].sort(),
    ...(output === undefined ? {} : { output: { width: output.width, height: output.height } }),
  };
}

function wordsOf({ en, fa, ar }: ProcessorDeclaration['title']): ProcessorDeclaration['title'] {
  return { en, ...(fa === undefined ? {} : { fa }), ...(ar === undefined ? {} : { ar }) };
}
