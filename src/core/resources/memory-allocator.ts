import { ResourceAllocator } from './resource-allocator.ts';

/** Resident memory of the processes that work, in MiB. */
export class MemoryAllocator extends ResourceAllocator {}
