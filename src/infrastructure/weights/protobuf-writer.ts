/** One message of the protobuf wire format, written field by field. Strings and numbers are small; `bytes` keeps big arrays without a copy. */
export interface ProtobufMessage {
  /** Bytes written so far. */
  readonly size: number;
  readonly chunks: readonly Uint8Array[];
  integer(field: number, value: number | bigint): ProtobufMessage;
  /** 32-bit IEEE. */
  float(field: number, value: number): ProtobufMessage;
  text(field: number, value: string): ProtobufMessage;
  bytes(field: number, value: Uint8Array): ProtobufMessage;
  message(field: number, value: ProtobufMessage): ProtobufMessage;
}

const varintType = 0;
const lengthType = 2;
const fixed32Type = 5;

/** Negative numbers take ten bytes, as two's complement of 64 bits. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

export function createProtobufMessage(): ProtobufMessage {
  const chunks: Uint8Array[] = [];
  let size = 0;

  function push(chunk: Uint8Array): void {
    chunks.push(chunk);
    size += chunk.byteLength;
  }

  function tag(field: number, type: number, length?: number): number[] {
    return [...varint(BigInt(field * 8 + type)), ...(length === undefined ? [] : varint(BigInt(length)))];
  }

  const message: ProtobufMessage = {
    get size() {
      return size;
    },
    chunks,
    integer(field, value) {
      push(Uint8Array.from([...tag(field, varintType), ...varint(BigInt(value))]));
      return message;
    },
    float(field, value) {
      push(Uint8Array.from(tag(field, fixed32Type)));
      const bits = new DataView(new ArrayBuffer(4));
      bits.setFloat32(0, value, true);
      push(new Uint8Array(bits.buffer));
      return message;
    },
    text(field, value) {
      return message.bytes(field, new TextEncoder().encode(value));
    },
    bytes(field, value) {
      push(Uint8Array.from(tag(field, lengthType, value.byteLength)));
      push(value);
      return message;
    },
    message(field, value) {
      push(Uint8Array.from(tag(field, lengthType, value.size)));
      for (const chunk of value.chunks) push(chunk);
      return message;
    },
  };
  return message;
}

export function bytesOf(message: ProtobufMessage): Uint8Array {
  const whole = new Uint8Array(message.size);
  let at = 0;
  for (const chunk of message.chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
