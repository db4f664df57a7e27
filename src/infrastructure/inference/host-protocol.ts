import type { AppError, ErrorParams } from '../../lib/app-error.ts';

/** What the server and its inference host say to each other over the child's IPC channel. Files travel by path, never as bytes. */

export interface PictureLimits {
  readonly maxPixels: number;
  readonly maxSide: number;
  readonly maxFrames: number;
}

export interface PrepareImageRequest {
  readonly path: string;
  readonly targetDirectory: string;
  readonly limits: PictureLimits;
}

export interface PreparedPicture {
  readonly path: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  readonly size: number;
}

export interface PreparedImage {
  readonly original: PreparedPicture;
  readonly model: PreparedPicture;
  readonly thumb: PreparedPicture;
}

export interface HostRequest {
  readonly id: number;
  readonly operation: 'prepare-image';
  readonly input: PrepareImageRequest;
  /** The host ends itself with `memoryExitCode` when it holds more than this many bytes. */
  readonly memoryLimit: number;
}

/** The first thing that a host says. */
export const hostReady = 'ready';

export type HostAnswer =
  | { readonly id: number; readonly ok: true; readonly value: PreparedImage; readonly rss: number }
  | { readonly id: number; readonly ok: false; readonly error: HostError; readonly rss: number };

export interface HostError {
  readonly code: AppError['code'];
  readonly message: string;
  readonly params: ErrorParams;
}

/** How the host says that a job needed more memory than it may have. */
export const memoryExitCode = 86;
