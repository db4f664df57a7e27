import type { ServerFrame } from '../../../src/protocol/server-frames.ts';

/** @returns null for what is not a frame; a frame of an unknown type is passed on and ignored by those who read it. */
export function parseServerFrame(data: string): ServerFrame | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return null;
    // Checking every delta with a schema again would cost more than painting it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server is of this same contract
    return value as ServerFrame;
  } catch {
    return null;
  }
}
