import type { ModelSession, ModelSessions } from '#core';
import { type GraphPart, graphFile, type ModelFolder } from './model-folder.ts';

export interface RoomOptions {
  readonly name: string;
  readonly folder: ModelFolder;
  /** `frugal`: one network at a time. `warm`: all stay. `auto`: as `grantedMb` allows. */
  readonly mode: 'auto' | 'frugal' | 'warm';
  /** What the work may hold; 0: unknown. */
  readonly grantedMb: number;
}

/** The networks of one model, in as much memory as there is. */
export interface SessionRoom {
  open(part: GraphPart): Promise<ModelSession>;
  /** The part is not needed any more for this picture: closed where memory is short, else kept warm for the next one. */
  done(part: GraphPart): Promise<void>;
  /** @returns whether the model has that part */
  has(part: GraphPart): boolean;
}

const mebibyte = 1_048_576;
/** What the networks need to work in, besides their weights. */
const workMb = 700;

/** Whether all networks of a model fit beside each other. */
export function isTight({ folder, mode, grantedMb }: Omit<RoomOptions, 'name'>): boolean {
  if (mode !== 'auto') return mode === 'frugal';
  const weights = [...folder.sizes.values()].reduce((sum, size) => sum + size, 0) / mebibyte;
  return grantedMb > 0 && weights + workMb > grantedMb;
}

/** Opens networks one after another. */
export function createRoom(models: ModelSessions, options: RoomOptions): SessionRoom {
  const tight = isTight(options);
  const { name, folder } = options;
  return {
    open: (part) => models.open(name, { file: graphFile(part) }),
    done: async (part) => {
      if (tight) await models.close(name, graphFile(part));
    },
    has: (part) => folder.sizes.has(part),
  };
}
