import { code } from "../../wasm/core/code.as";
import { newBytes } from "../../wasm/core/memory.as";

export const enum BlockKind {
  block = 0,
  loop = 1,
  if_ = 2,
  else_ = 3,
}

/** An open block, with what each part of the analysis keeps of it. The outermost is the function. */
@unmanaged
export class OpenBlock {
  /** {@link BlockKind}. */
  kind: u8;
  /** Whether something branches to it. */
  targeted: bool;
  /** Whether it holds a call, so that the loops around it gain nothing from strip-mining. */
  heavy: bool;
  /** Offset of the instruction that began it. */
  start: i32;
  /** Outermost block that something inside branches to. */
  outermost: usize;
  /** Of a loop: its place in the plan. */
  loopSlot: i32;
  /** Of a loop, behind its header: offset, and position among the marks. */
  bodyStart: i32;
  bodyPosition: i32;
  /** The last `br_table` that leads here. */
  table: i32;

  // See `ChargePlacer`.

  savedSlot: i32;
  savedBase: i32;
  /** What a loop's header, or an `if` behind its condition, has pending. */
  entryPending: i32;
  /** First of the ways to the block's end, as a list through `next`; the least that any has pending. */
  ways: i32;
  least: i32;

  // See `CheckPlacer`: over all branches to the block's end, and where an `if` began.

  labelFuel: i32;
  labelUnwinding: i32;
  ifFuel: i32;
  ifUnwinding: i32;
}

/** Blocks that are open beside the original's: a copy of an unrolled loop's body, and around it. */
const maxOwnBlocks: i32 = 2;

/** The control stack. */
@unmanaged
export class BlockStack {
  /** The function. */
  bottom: OpenBlock = changetype<OpenBlock>(0);
  /** How many may be open at a time. */
  most: i32 = 0;

  /** Starts a module: room for as many blocks as are ever open. */
  begin(): void {
    this.most = code.deepestNesting + maxOwnBlocks;
    // One more in front of the function, for what its end would pass on.
    const blocks = newBytes((this.most + 1) * <i32>offsetof<OpenBlock>());
    this.bottom = above(changetype<OpenBlock>(blocks));
  }

  /** How many blocks are open where `block` is the innermost. */
  @inline depth(block: OpenBlock): i32 {
    const bytes = changetype<usize>(block) - changetype<usize>(this.bottom);
    return 1 + <i32>(bytes / offsetof<OpenBlock>());
  }
}

@inline
export function above(block: OpenBlock): OpenBlock {
  return changetype<OpenBlock>(changetype<usize>(block) + offsetof<OpenBlock>());
}

@inline
export function below(block: OpenBlock): OpenBlock {
  return changetype<OpenBlock>(changetype<usize>(block) - offsetof<OpenBlock>());
}

export const blocks: BlockStack = changetype<BlockStack>(memory.data(offsetof<BlockStack>()));
