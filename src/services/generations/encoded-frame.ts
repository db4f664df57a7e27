/** A frame of a log as JSON, made once for all its readers. */
export interface EncodedFrame {
  /** Of its last event: where a reader is that has it. */
  readonly seq: number;
  readonly json: string;
  /** What the gateway made of it for its first reader, for the next one. */
  wire?: string | Uint8Array;
}
