/**
 * Pixels in memory: row by row from the top left, channels interleaved, sRGB, alpha straight (not premultiplied).
 * `data.length === width * height * channels`; a `Uint8Array` holds 0..255, a `Uint16Array` 0..65535.
 */
export interface Picture {
  /** In pixels, at least 1. */
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: RGB, 4: RGBA. */
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array | Uint16Array;
}

/** What is known of a picture before it is decoded. In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}
