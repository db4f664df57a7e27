import type { IconName } from '../ui/icon.tsx';
import type { Findable } from './choose-entries.ts';

/** One thing that can be found and done. */
export interface PaletteEntry extends Findable {
  readonly icon: IconName;
  /** Keys that do the same, for example `mod+shift+O`. */
  readonly keys?: string | undefined;
  /** It is the one that is chosen now. */
  readonly chosen?: boolean | undefined;
  /** Stretches `[from, to)` of the hint that were asked for. */
  readonly hintRanges?: readonly (readonly [number, number])[] | undefined;
  run(): void;
}
