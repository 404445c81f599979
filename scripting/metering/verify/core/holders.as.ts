import { Op } from "../../../wasm/op";
import { InstructionCursor } from "../../../wasm/core/instructions.as";
import { Bytes, Ints, newBytes, newInts } from "../../../wasm/core/memory.as";
import { Claim } from "../../codes";
import { Objection } from "../objections";
import { input } from "./input.as";
import { refuse } from "./refusal.as";

/** Of {@link FuelHolders}. */
const enum Holds {
  threaded = 1,
  counted = 2,
}

const cursor: InstructionCursor = changetype<InstructionCursor>(
  memory.data(offsetof<InstructionCursor>()),
);

/**
 * How each defined function holds its fuel, as the metered module claims; the code is then held
 * against it. Any number may be asked for; what is no defined function has no fuel of its own.
 */
@unmanaged
export class FuelHolders {
  private fuels: Ints = changetype<Ints>(0);
  private depths: Ints = changetype<Ints>(0);
  private flags: Bytes = changetype<Bytes>(0);
  /** What `readEntry` has found. */
  private firstLocal: i32 = 0;
  private secondLocal: i32 = 0;

  /**
   * Reads the claims, a byte for each function from offset `claims` on; negative when there are
   * none.
   */
  begin(claims: i32): void {
    if (claims < 0) refuse(-1, 0, Objection.noClaims);
    const count = input.bodyCount;
    this.fuels = newInts(count);
    this.depths = newInts(count);
    this.flags = newBytes(count);
    input.show(claims, claims + count);
    memory.copy(changetype<usize>(this.flags), input.bytes + claims, count);
    for (let f = 0; f < count; f++) {
      const byte = this.flags[f];
      const claim = byte & ~Claim.counted;
      let flags = byte != claim ? Holds.counted : 0;
      let fuel = -1;
      let depth = -1;
      switch (claim) {
        case Claim.threaded:
          fuel = input.paramsOf(f) - 1;
          flags |= Holds.threaded;
          break;
        case Claim.threadedDeep:
          fuel = input.paramsOf(f) - 2;
          depth = fuel + 1;
          flags |= Holds.threaded;
          break;
        case Claim.shared:
        case Claim.sharedDeep:
          this.readEntry(f);
          fuel = this.firstLocal;
          if (claim == Claim.sharedDeep) depth = this.secondLocal;
          break;
        default:
          flags = 0;
      }
      this.fuels[f] = fuel;
      this.depths[f] = depth;
      this.flags[f] = flags;
    }
  }

  /** The local that holds the fuel; -1 in a function without any. */
  fuel(f: i32): i32 {
    return input.isDefined(f) ? this.fuels[f] : -1;
  }

  /** The local with the depth left; -1 for none. */
  depth(f: i32): i32 {
    return input.isDefined(f) ? this.depths[f] : -1;
  }

  /** Whether fuel comes in as a parameter and goes out as a result. */
  isThreaded(f: i32): bool {
    return input.isDefined(f) && (this.flags[f] & Holds.threaded) != 0;
  }

  /** Whether fuel and depth are checked before anything of the own group is called. */
  isCounted(f: i32): bool {
    return input.isDefined(f) && (this.flags[f] & Holds.counted) != 0;
  }

  /** Whether any function holds depth. */
  anyDepth(): bool {
    for (let f = 0; f < input.bodyCount; f++) if (this.depths[f] >= 0) return true;
    return false;
  }

  /**
   * `global.get` of the fuel, `local.set`, and for a deep one `global.get` of the depth,
   * `local.set`.
   */
  private readEntry(f: i32): void {
    const end = input.codeEnd(f);
    input.showBody(f);
    cursor.bytes = input.bytes;
    cursor.end = input.codeStart(f);
    this.firstLocal = -1;
    this.secondLocal = -1;
    for (let i = 0; i < 4 && cursor.end < end; i++) {
      cursor.read(cursor.end, end);
      if ((i & 1) == 0 || cursor.op != Op.localSet) continue;
      // No function has as many as would make it negative.
      const local = cursor.a < 0 ? i32.MAX_VALUE : cursor.a;
      if (i == 1) this.firstLocal = local;
      else this.secondLocal = local;
    }
  }
}

export const holders: FuelHolders = changetype<FuelHolders>(memory.data(offsetof<FuelHolders>()));

/** How the function that is being verified holds its fuel. */
@unmanaged
export class Holder {
  fuel: i32 = 0;
  depth: i32 = 0;
  threaded: bool = false;

  /** Takes over what is claimed of defined function `f`. */
  begin(f: i32): void {
    this.fuel = holders.fuel(f);
    this.depth = holders.depth(f);
    this.threaded = holders.isThreaded(f);
  }
}

export const holder: Holder = changetype<Holder>(memory.data(offsetof<Holder>()));
