import { ByteWriter } from "../../wasm/core/writer.as";

/** What a run of code stands for; see `OffsetMap`. */
const enum RunKind {
  copied = 0,
  inserted = 1,
  none = 2,
}
const kindBits: i32 = 2;

/** More bytes than a run takes. */
const runBytes: i32 = 12;
/** Bytes that are set aside for how far behind its body's start a body's first run begins. */
const firstGapBytes: i32 = 5;

/** No position. */
const nowhere: i32 = -1;
/** What no position is beyond its offset by. */
const noDelta: i32 = i32.MIN_VALUE;

const written: ByteWriter = changetype<ByteWriter>(memory.data(offsetof<ByteWriter>()));

/**
 * Collects an `OffsetMap` while code is written: from a position in the metered code on, bytes are
 * copied from an offset of the original's, or inserted before it. A run is encoded as how far it
 * begins behind the one before it, with its kind, and how far its offset is behind that one's.
 * Positions count from the first byte of all code. What adds runs doesn't look for room: `reserve`
 * comes first.
 */
@unmanaged
export class OffsetMapBuilder {
  private delta: i32 = 0;
  /** The run that may be changed yet: `nowhere` when there is none. */
  private position: i32 = 0;
  private offset: i32 = 0;
  private kind: i32 = 0;
  /** The run before it. */
  private lastPosition: i32 = 0;
  private lastOffset: i32 = 0;
  /** Where the gap of the body's first run is written, from the first byte on; and what it is. */
  private firstAt: i32 = 0;
  private firstGap: i32 = 0;

  /** Starts over in a new arena. @param runs how many are expected. */
  begin(runs: i32): void {
    written.begin(runs * 2 + runs / 4 + 64);
    this.delta = noDelta;
    this.position = nowhere;
    this.lastPosition = 0;
    this.lastOffset = 0;
  }

  /** Makes room for so many runs. */
  @inline reserve(runs: i32): void {
    written.reserve(runs * runBytes);
  }

  /** Starts a body at `start`; its first run begins where its code does. What is in front of that maps to nothing. */
  beginBody(start: i32): void {
    this.flush();
    written.u32(((start - this.lastPosition) << kindBits) | RunKind.none);
    this.lastPosition = start;
    this.delta = noDelta;
    this.firstAt = nowhere;
  }

  /** The body's code has moved by `shift` bytes. */
  placeBody(shift: i32): void {
    this.delta = noDelta;
    if (shift == 0) return;
    this.flush();
    this.lastPosition += shift;
    this.putFirst(this.firstGap + (shift << kindBits));
  }

  /** From `position` on, bytes are copied from `offset` on. */
  @inline copied(position: i32, offset: i32): void {
    const delta = position - offset;
    if (delta == this.delta) return;
    this.delta = delta;
    this.add(position, offset, RunKind.copied);
  }

  /** From `position` on, bytes are the meter's, standing before the instruction at `offset`. */
  @inline inserted(position: i32, offset: i32): void {
    this.delta = noDelta;
    this.add(position, offset, RunKind.inserted);
  }

  /** All bodies are placed. */
  finish(): void {
    this.flush();
  }

  /** Address and length of the encoded runs, and where the last one begins. */
  get address(): usize {
    return written.bytes;
  }
  get length(): i32 {
    return written.length;
  }
  get end(): i32 {
    return this.lastPosition;
  }

  @inline private add(position: i32, offset: i32, kind: i32): void {
    if (position != this.position) {
      this.flush();
      this.position = position;
    }
    this.offset = offset;
    this.kind = kind;
  }

  private flush(): void {
    const position = this.position;
    if (position == nowhere) return;
    const gap = ((position - this.lastPosition) << kindBits) | this.kind;
    if (this.firstAt == nowhere) {
      this.firstAt = written.length;
      written.at += firstGapBytes;
      this.putFirst(gap);
    } else written.u32(gap);
    written.s32(this.offset - this.lastOffset);
    this.lastPosition = position;
    this.lastOffset = this.offset;
    this.position = nowhere;
  }

  /** An LEB of full length, so that it can change. */
  private putFirst(gap: i32): void {
    this.firstGap = gap;
    const at = written.bytes + this.firstAt;
    let rest = <u32>gap;
    for (let i = 0; i < firstGapBytes - 1; i++) {
      store<u8>(at + i, (rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    store<u8>(at + firstGapBytes - 1, rest);
  }
}

export const offsets: OffsetMapBuilder = changetype<OffsetMapBuilder>(
  memory.data(offsetof<OffsetMapBuilder>()),
);
