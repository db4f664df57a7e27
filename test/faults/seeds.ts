/**
 * Seeds of the random interleavings that found a fault once. They run in every run ever after; the comment says what it was.
 * A run that fails prints its seed: add it here with the repair.
 */
export const seedsThatFoundFaults: readonly number[] = [
  // A wire that was slow when the faults ended brought what it held, and a reset behind it, up to half a minute later: a fault of the wire.
  344_535_633,
];
