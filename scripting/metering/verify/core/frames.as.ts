import { allocate, grownInts, Ints } from "../../../wasm/core/memory.as";
import { State, states } from "./state.as";

/** What a frame is of. */
export const enum FrameKind {
  block = 0,
  loop = 1,
  /** Its header is a check, so that every branch to it meets one. */
  checkedLoop = 2,
  if_ = 3,
  else_ = 4,
}

/** An open block. */
@unmanaged
export class Frame {
  kind: i32;
  /** Open cycles outside of a loop; for other blocks, those around them. */
  cycles: i32;
  /** Over all branches to the end: number of a state, 0 while there are none. */
  join: i32;
  /** Where an `if` began, for its other arm: number of a state, or 0. */
  other: i32;

  @inline get isLoop(): bool {
    return this.kind == FrameKind.loop || this.kind == FrameKind.checkedLoop;
  }

  /** Another way to its end. */
  branchFrom(state: State): void {
    if (!state.live) return;
    if (this.join == 0) this.join = states.copy(state);
    else states.at(this.join).merge(state);
  }
}

const intsPerFrame: i32 = offsetof<Frame>() >> 2;

/** The open blocks, outermost first. */
@unmanaged
export class Frames {
  depth: i32 = 0;
  private values: Ints = changetype<Ints>(0);
  private capacity: i32 = 0;

  begin(): void {
    this.depth = 0;
    this.capacity = 256;
    this.values = changetype<Ints>(allocate((this.capacity * intsPerFrame) << 2));
  }

  /** Valid until the next one is opened. */
  @inline at(depth: i32): Frame {
    return changetype<Frame>(changetype<usize>(this.values) + ((depth * intsPerFrame) << 2));
  }

  push(kind: FrameKind, cycles: i32): Frame {
    if (this.depth == this.capacity) this.grow();
    const frame = this.at(this.depth++);
    frame.kind = kind;
    frame.cycles = cycles;
    frame.join = 0;
    frame.other = 0;
    return frame;
  }

  private grow(): void {
    const to = this.capacity * 2;
    this.values = grownInts(this.values, this.capacity * intsPerFrame, to * intsPerFrame);
    this.capacity = to;
  }
}

export const frames: Frames = changetype<Frames>(memory.data(offsetof<Frames>()));
