/** What a picture may be at most. Pixels are counted over all frames. */
export interface PictureLimits {
  readonly maxPixels: number;
  /** Of width and height, in pixels. */
  readonly maxSide: number;
  readonly maxFrames: number;
}

export interface PreparedPicture {
  readonly path: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  /** In bytes. */
  readonly size: number;
}

/** `original`: re-encoded without metadata, upright. `model`: one frame, what a chat model gets. `thumb`: a small WebP. */
export interface PreparedImage {
  readonly original: PreparedPicture;
  readonly model: PreparedPicture;
  readonly thumb: PreparedPicture;
}

export interface ImageCodec {
  /**
   * Reads the untrusted file at `path` and writes the three pictures into `targetDirectory`, which must exist.
   * @throws AppError UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, TOO_LARGE (params say which limit), OVERLOADED when too many wait
   */
  prepareImage(
    request: { readonly path: string; readonly targetDirectory: string; readonly limits: PictureLimits },
    signal?: AbortSignal,
  ): Promise<PreparedImage>;
}
