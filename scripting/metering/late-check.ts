import { maxLeafFuel } from "./protocol.ts";

const nowhere = -1;

/**
 * Finds where a recursive function may check fuel and depth instead of at its entry: in front of the
 * first thing that may take long or call, as deep in blocks as everything of that kind is behind it.
 * What doesn't come there is short, and is spared the check. Blocks are known by their place on the
 * control stack; 0 is the function.
 */
export class LateCheck {
  /** Where each open block begins. */
  private readonly starts: Int32Array;
  /** Offsets in front of which the check could stand, by how many blocks are open there. */
  private readonly places: number[] = [];
  /** How many are open where it stands by what is known so far; 0 before anything takes long. */
  private level = 0;
  /** Fewest that were open since. */
  private fewestOpen = 0;
  /** Whether the function was left before that. */
  private leaves = false;
  /** Most fuel that is burnt in front of the check, and all that is burnt behind where it is passed by. */
  private before = 0;
  private behind = 0;

  /** @param mostBlocks how many blocks may be open at a time. */
  constructor(mostBlocks: number) {
    this.starts = new Int32Array(mostBlocks);
  }

  /** Starts a function. */
  begin(): void {
    this.level = 0;
    this.behind = 0;
  }

  /** Block `d` begins at `offset`. */
  open(d: number, offset: number): void {
    this.starts[d] = offset;
  }

  /** Only `open` blocks are still those that were open before. */
  close(open: number): void {
    if (open < this.fewestOpen) this.fewestOpen = open;
  }

  /** Fuel that doesn't take long is burnt. */
  burn(fuel: number): void {
    if (this.fewestOpen < this.level) this.behind += fuel;
  }

  /**
   * What begins at `offset`, in `open` blocks, may take long, or calls. By now the most fuel that any
   * way has burnt is `mostFuel`; `leaves` when one of them has left the function.
   */
  takesLong(offset: number, open: number, mostFuel: number, leaves: boolean): void {
    if (this.level === 0) {
      for (let d = 1; d < open; d++) this.places[d] = this.starts[d] as number;
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
  get offset(): number {
    if (this.level === 0 || this.before > maxLeafFuel) return nowhere;
    if (this.level > 1 && this.before + this.behind <= maxLeafFuel) {
      return this.places[this.level] as number;
    }
    return this.leaves ? (this.places[1] as number) : nowhere;
  }
}
