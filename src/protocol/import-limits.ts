/**
 * Of one request of an import and of one line in it, its end not counted: a line holds at most a message, or 256 KiB of a file.
 * Not beside the schemas: the browser needs the numbers, not the 30 kB that check a shape.
 */
export const importLimits = { bodyBytes: 4 * 1024 * 1024, lineBytes: 2 * 1024 * 1024 } as const;
