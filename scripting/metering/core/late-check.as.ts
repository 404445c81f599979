import { allocate, Ints } from "../../wasm/core/memory.as";
import { maxLeafFuel } from "../bounds";
import { above, blocks, OpenBlock } from "./open-block.as";

const nowhere: i32 = -1;

/**
 * Finds where a recursive function may check fuel and depth instead of at its entry: in front of
 * the first thing that may take long or call, as deep in blocks as everything of that kind is
 * behind it. What doesn't come there is short, and is spared the check. Blocks are known by their
 * place on the control stack; 0 is the function.
 */
@unmanaged
export class LateCheck {
  /** Offsets in front of which the check could stand, by how many blocks are open there. */
  private places: Ints = changetype<Ints>(0);
  /** How many are open where it stands by what is known so far; 0 before anything takes long. */
  private level: i32 = 0;
  /** Fewest that were open since. */
  private fewestOpen: i32 = 0;
  /** Whether the function was left before that. */
  private leaves: bool = false;
  /** Most fuel that is burnt in front of the check, and all that is burnt behind where it is passed by. */
  private before: i32 = 0;
  private behind: i32 = 0;

  /** Starts a module, in which so many blocks may be open at a time. */
  beginModule(mostBlocks: i32): void {
    this.places = changetype<Ints>(allocate((mostBlocks + 1) << 2));
  }

  /** Starts a function. */
  begin(): void {
    this.level = 0;
    this.behind = 0;
  }

  /** Only `open` blocks are still those that were open before. */
  @inline close(open: i32): void {
    if (open < this.fewestOpen) this.fewestOpen = open;
  }

  /** Fuel that doesn't take long is burnt. */
  @inline burn(fuel: i32): void {
    if (this.fewestOpen < this.level) this.behind += fuel;
  }

  /**
   * What begins at `offset`, in `innermost`, may take long, or calls. By now the most fuel that any
   * way has burnt is `mostFuel`; `leaves` when one of them has left the function.
   */
  takesLong(offset: i32, innermost: OpenBlock, mostFuel: i32, leaves: bool): void {
    if (this.level == 0) {
      const open = blocks.depth(innermost);
      let block = blocks.bottom;
      for (let d = 1; d < open; d++) {
        block = above(block);
        this.places[d] = block.start;
      }
      this.places[open] = offset;
      this.level = open;
      this.fewestOpen = open;
      this.before = mostFuel;
      this.leaves = leaves;
    } else if (this.fewestOpen < this.level) {
      this.level = this.fewestOpen;
      this.behind = 0;
    }
  }

  /** Offset of the check; -1 where it has to be, or may as well be, at the entry. */
  offset(): i32 {
    if (this.level == 0 || this.before > maxLeafFuel) return nowhere;
    if (this.level > 1 && this.before + this.behind <= maxLeafFuel) return this.places[this.level];
    return this.leaves ? this.places[1] : nowhere;
  }
}

export const lateCheck: LateCheck = changetype<LateCheck>(memory.data(offsetof<LateCheck>()));
