import { ResourceAllocator } from './resource-allocator.ts';

/** Memory of the graphics card, in MiB. */
export class GPUAllocator extends ResourceAllocator {}
