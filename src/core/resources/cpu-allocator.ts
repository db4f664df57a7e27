import { ResourceAllocator } from './resource-allocator.ts';

/** Threads that work may keep busy. */
export class CPUAllocator extends ResourceAllocator {}
