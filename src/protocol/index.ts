/** The wire contract, version 1: frames, REST bodies, shapes, limits and the one error table. The browser imports it too. */
export * from './client-frames.ts';
export * from './draft-limits.ts';
export * from './errors.ts';
export * from './fold-part.ts';
export * from './library-shapes.ts';
export * from './notices.ts';
export * from './page-addresses.ts';
export * from './rest.ts';
export * from './server-frames.ts';
export * from './shapes.ts';
export * from './surface-shapes.ts';
export * from './work-shapes.ts';
