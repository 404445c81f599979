import { allocate, grownInts, Ints } from "./memory.as";

/** Growing list of i32 in the arena. */
@final
export class IntList {
  values: Ints = changetype<Ints>(0);
  length: i32 = 0;
  private capacity: i32 = 0;

  /** Starts over in a new arena, with room for so many. */
  begin(capacity: i32): void {
    this.capacity = max(16, capacity);
    this.values = changetype<Ints>(allocate(this.capacity << 2));
    this.length = 0;
  }

  @inline push(value: i32): i32 {
    const at = this.length;
    if (at == this.capacity) this.grow();
    this.values[at] = value;
    this.length = at + 1;
    return at;
  }

  private grow(): void {
    const to = this.capacity * 2;
    this.values = grownInts(this.values, this.capacity, to);
    this.capacity = to;
  }
}
