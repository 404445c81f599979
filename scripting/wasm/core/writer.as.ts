import { allocate, Bytes, grownBytes } from "./memory.as";

/** What `copy` may write behind what it copies. */
const slack: i32 = 16;
/** Longest span that is copied in words. */
const shortSpan: i32 = 96;

/**
 * A growing byte array with the format's primitive encodings, always in their shortest form. What
 * writes doesn't look for room: `reserve` comes first.
 */
@unmanaged
export class ByteWriter {
  /** The bytes; they move when they grow. */
  bytes: usize = 0;
  /** Address of the next one. */
  at: usize = 0;
  /** Where the room ends. */
  private limit: usize = 0;

  /** Starts over in a new arena, with room for so many bytes. */
  begin(capacity: i32): void {
    this.bytes = allocate(capacity + slack);
    this.at = this.bytes;
    this.limit = this.bytes + capacity;
  }

  @inline get length(): i32 {
    return <i32>(this.at - this.bytes);
  }

  /** Makes room for `count` more bytes. */
  @inline reserve(count: i32): void {
    if (this.at + <usize>count > this.limit) this.grow(count);
  }

  private grow(count: i32): void {
    const length = this.length;
    const capacity = <i32>(this.limit - this.bytes);
    const to = max(length + count, capacity * 2);
    const from = changetype<Bytes>(this.bytes);
    this.bytes = changetype<usize>(grownBytes(from, capacity + slack, to + slack));
    this.at = this.bytes + length;
    this.limit = this.bytes + to;
  }

  @inline byte(value: i32): void {
    const at = this.at;
    store<u8>(at, value);
    this.at = at + 1;
  }

  /** An opcode, or any byte, and an unsigned integer behind it. */
  @inline pair(byte: i32, value: i32): void {
    this.at = putPair(this.at, byte, value);
  }

  @inline u32(value: i32): void {
    this.at = putU32(this.at, value);
  }

  @inline s32(value: i32): void {
    this.at = putS32(this.at, value);
  }

  /** Copies `count` bytes; up to 16 behind them are read, and written over later. */
  @inline copy(from: usize, count: i32): void {
    const at = this.at;
    if (count <= shortSpan) {
      // Two words at once, for most spans between two edits are no longer.
      let i = 0;
      do {
        store<u64>(at + i, load<u64>(from + i));
        store<u64>(at + i, load<u64>(from + i, 8), 8);
        i += 16;
      } while (i < count);
    } else memory.copy(at, from, count);
    this.at = at + count;
  }
}

// The encodings at an address; each returns the one behind what it wrote.

@inline
export function putByte(at: usize, byte: i32): usize {
  store<u8>(at, byte);
  return at + 1;
}

/** An opcode, or any byte, and an unsigned integer behind it. */
@inline
export function putPair(at: usize, byte: i32, value: i32): usize {
  if (<u32>value < 0x80) {
    store<u16>(at, byte | (value << 8));
    return at + 2;
  }
  store<u8>(at, byte);
  return putLongU32(at + 1, value);
}

@inline
export function putU32(at: usize, value: i32): usize {
  if (<u32>value < 0x80) {
    store<u8>(at, value);
    return at + 1;
  }
  return putLongU32(at, value);
}

function putLongU32(at: usize, value: i32): usize {
  if (<u32>value < 0x4000) {
    store<u16>(at, (value & 0x7f) | 0x80 | ((value >> 7) << 8));
    return at + 2;
  }
  let rest: u32 = value;
  while (rest >= 0x80) {
    store<u8>(at++, (rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  store<u8>(at, rest);
  return at + 1;
}

@inline
export function putS32(at: usize, value: i32): usize {
  if (value >= -64 && value < 64) {
    store<u8>(at, value & 0x7f);
    return at + 1;
  }
  return putLongS32(at, value);
}

function putLongS32(at: usize, value: i32): usize {
  let rest = value;
  while (rest < -64 || rest >= 64) {
    store<u8>(at++, (rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  store<u8>(at, rest & 0x7f);
  return at + 1;
}

/** How many bytes an unsigned integer takes. */
export function sizeOfU32(value: i32): i32 {
  let size = 1;
  for (let rest = <u32>value; rest >= 0x80; rest >>= 7) size++;
  return size;
}
