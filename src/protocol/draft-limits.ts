/**
 * How many drafts a person has at most (the oldest go), and how many bytes of their text one `welcome` carries. Not beside the
 * schemas: the browser needs the numbers, not the 30 kB that check a shape.
 */
export const draftLimits = { count: 50, welcomeBytes: 256 * 1024 } as const;
