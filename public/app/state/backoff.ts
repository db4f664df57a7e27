/** Delay in ms before attempt `attempt` (1 is the first retry): doubled from `first` to `most`, half of it random. */
export function backoffMs(attempt: number, random: () => number, first = 300, most = 15_000): number {
  const full = Math.min(most, first * 2 ** Math.max(0, attempt - 1));
  return Math.round(full * (0.5 + random() / 2));
}
