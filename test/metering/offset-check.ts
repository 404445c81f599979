import type { OffsetMap } from "../../scripting/index.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { type Code, decode, type FunctionCode } from "./decode.ts";

/** What an offset map is asked for. */
export type Mapping = Pick<OffsetMap, "toOriginal" | "isInserted">;

/** Violations that are told of one pair of modules; a wrong map has as many as instructions. */
const maxViolations = 20;

/**
 * Holds a map against the instructions of both modules. In every function that the original has,
 *
 * - an instruction that isn't inserted maps to the start of a reachable one with the same opcode in
 *   the same function, and its further bytes to the same one's further bytes;
 * - all bytes of one that is inserted map to the start of one instruction of the same function;
 * - each reachable instruction of the original is the image of one that isn't inserted. Exceptions
 *   are `br`, `br_if` and `br_table`, which inserted code may stand for; a branch in it maps to them
 *   then. An `end` or `else` counts as reachable if its block does;
 * - images never go back as the code goes on, and those of what isn't inserted go forward. But for
 *   unrolled loops: images go back from the loop's `end` to the beginning of its body, and every copy
 *   has the same ones, branches apart.
 *
 * Functions of the meter's own map nowhere.
 * @returns what is wrong; nothing for a right map.
 */
export function check(map: Mapping, original: Uint8Array, metered: Uint8Array): string[] {
  const from = decode(original);
  const to = decode(metered);
  const violations: string[] = [];
  for (const [f, written] of to.functions.entries()) {
    const source = from.functions[f];
    const found =
      source === undefined
        ? checkOwn(map, written)
        : new FunctionCheck(map, from, source, to, written).run();
    for (const text of found) violations.push(`function ${f}: ${text}`);
    if (violations.length >= maxViolations) break;
  }
  if (to.functions.length < from.functions.length) violations.push("functions are missing");
  return violations;
}

/** A function that the original hasn't. */
function checkOwn(map: Mapping, written: FunctionCode): string[] {
  for (let at = written.start; at < written.end; at++) {
    if (map.toOriginal(at) !== undefined || !map.isInserted(at)) {
      return [`${at} maps to ${map.toOriginal(at)}, the function being the meter's`];
    }
  }
  return [];
}

const none = -1;

/** Copies of an unrolled loop's body; the first and the current one as what they map to. */
interface Copies {
  readonly end: number;
  readonly first: readonly number[];
  current: number[];
}

class FunctionCheck {
  private readonly violations: string[] = [];
  /** Index in the original's function, by offset. */
  private readonly indexAt = new Map<number, number>();
  private readonly shape: Shape;
  /** By index in the original's function: whether an instruction that isn't inserted maps there. */
  private readonly exact: Uint8Array;
  /** The same for branches that are inserted. */
  private readonly restated: Uint8Array;
  /** Images of what isn't inserted, in the order of the metered code. */
  private readonly images: number[] = [];
  private copies: Copies | undefined;

  constructor(
    private readonly map: Mapping,
    private readonly from: Code,
    private readonly source: FunctionCode,
    private readonly to: Code,
    private readonly written: FunctionCode,
  ) {
    const { first, count } = source;
    for (let i = 0; i < count; i++) this.indexAt.set(from.starts[first + i] as number, i);
    this.shape = shapeOf(from, source);
    this.exact = new Uint8Array(count);
    this.restated = new Uint8Array(count);
  }

  run(): readonly string[] {
    const { first, count } = this.written;
    let last = none;
    for (let i = first; i < first + count; i++) {
      const start = this.to.starts[i] as number;
      const end = i + 1 < first + count ? (this.to.starts[i + 1] as number) : this.written.end;
      const inserted = this.map.isInserted(start);
      const image = inserted ? this.inserted(start, end) : this.copied(i, start, end);
      if (image === undefined) continue;
      if (image < last) this.goBack(start, last, image);
      if (!inserted) this.note(start, image);
      else if (isBranch(this.to.ops[i] as number)) this.restated[image] = 1;
      last = image;
    }
    this.checkAllMapped();
    return this.violations;
  }

  private fail(at: number, text: string): undefined {
    this.violations.push(`${at} ${text}`);
  }

  private op(index: number): number {
    return this.from.ops[this.source.first + index] as number;
  }

  private inserted(start: number, end: number): number | undefined {
    const offset = this.map.toOriginal(start);
    const image = offset === undefined ? undefined : this.indexAt.get(offset);
    if (image === undefined) return this.fail(start, `is inserted, at no instruction: ${offset}`);
    for (let at = start + 1; at < end; at++) {
      if (!this.map.isInserted(at)) return this.fail(at, "is inserted in part");
      if (this.map.toOriginal(at) !== offset) return this.fail(at, "is inserted at two places");
    }
    return image;
  }

  private copied(i: number, start: number, end: number): number | undefined {
    const offset = this.map.toOriginal(start);
    const image = offset === undefined ? undefined : this.indexAt.get(offset);
    if (offset === undefined || image === undefined) {
      return this.fail(start, `isn't inserted, and maps to no instruction: ${offset}`);
    }
    const op = this.to.ops[i] as number;
    if (op !== this.op(image)) {
      return this.fail(start, `has opcode ${op}, what it maps to has ${this.op(image)}`);
    }
    if (this.shape.reachable[image] === 0) {
      return this.fail(start, `maps to ${offset}, which can't be reached`);
    }
    const length = this.endOf(image) - offset;
    for (let at = start + 1; at < end; at++) {
      if (this.map.isInserted(at)) return this.fail(at, "is inserted in the middle");
      const inside = this.map.toOriginal(at) ?? none;
      if (inside <= offset || inside >= offset + length) {
        return this.fail(at, `maps to ${inside}, out of [${offset}, ${offset + length})`);
      }
    }
    return image;
  }

  private endOf(index: number): number {
    const isLast = index + 1 === this.source.count;
    return isLast ? this.source.end : (this.from.starts[this.source.first + index + 1] as number);
  }

  /** Where images go back, from `last` to `image`: another copy of a loop's body begins. */
  private goBack(at: number, last: number, image: number): void {
    if (this.shape.loopEnds.get(image - 1) !== last) {
      this.fail(at, "goes back, and not from a loop's end to its beginning");
    }
    if (this.copies === undefined) {
      const first = this.images.slice(this.images.findLastIndex((other) => other < image) + 1);
      this.copies = { end: last, first, current: [] };
      return;
    }
    this.compareCopies(at, this.copies);
    this.copies.current = [];
  }

  private note(at: number, image: number): void {
    if (this.copies !== undefined && image >= this.copies.end) {
      this.compareCopies(at, this.copies);
      this.copies = undefined;
    }
    const before = (this.copies?.current ?? this.images).at(-1) ?? none;
    if (image <= before) this.fail(at, "maps to what something before it maps to");
    (this.copies?.current ?? this.images).push(image);
    this.exact[image] = 1;
  }

  private compareCopies(at: number, copies: Copies): void {
    const plain = (images: readonly number[]): string =>
      images.filter((image) => !isBranch(this.op(image))).join();
    if (plain(copies.first) !== plain(copies.current)) this.fail(at, "is behind an unlike copy");
  }

  private checkAllMapped(): void {
    for (let i = 0; i < this.source.count; i++) {
      if (this.shape.reachable[i] === 0 || this.exact[i] === 1) continue;
      if (isBranch(this.op(i)) && this.restated[i] === 1) continue;
      this.fail(
        this.from.starts[this.source.first + i] as number,
        "in the original isn't mapped to",
      );
    }
  }
}

function isBranch(op: number): boolean {
  return op === Op.br || op === Op.brIf || op === Op.brTable;
}

/** By index in a function. */
interface Shape {
  /** 1 for what can be reached; an `end` or `else` counts as its block does. */
  readonly reachable: Uint8Array;
  /** The `end` of each reachable `loop`. */
  readonly loopEnds: ReadonlyMap<number, number>;
}

interface Block {
  readonly index: number;
  /** Whether what follows its end can be reached, its last instruction apart. */
  joined: boolean;
}

function shapeOf(code: Code, { first, count }: FunctionCode): Shape {
  const reachable = new Uint8Array(count);
  const loopEnds = new Map<number, number>();
  const blocks: Block[] = [{ index: none, joined: false }];
  const opOf = (block: Block): number =>
    block.index === none ? Op.block : (code.ops[first + block.index] as number);
  let live = true;
  let deadBlocks = 0;
  for (let i = 0; i < count; i++) {
    const op = code.ops[first + i] as number;
    const opens = op === Op.block || op === Op.loop || op === Op.if_;
    if (deadBlocks > 0 || (!live && op !== Op.end && op !== Op.else_)) {
      if (opens) deadBlocks++;
      else if (op === Op.end) deadBlocks--;
      continue;
    }
    reachable[i] = 1;
    if (opens) {
      blocks.push({ index: i, joined: false });
      continue;
    }
    const block = blocks.at(-1) as Block;
    if (op === Op.else_) {
      block.joined ||= live;
      blocks[blocks.length - 1] = { index: i, joined: block.joined };
      live = true;
    } else if (op === Op.end) {
      blocks.pop();
      if (opOf(block) === Op.loop) loopEnds.set(block.index, i);
      live ||= block.joined || opOf(block) === Op.if_;
    } else if (code.labels.has(first + i)) {
      for (const label of code.labels.get(first + i) ?? []) {
        const target = blocks.at(-1 - label) as Block;
        if (opOf(target) !== Op.loop) target.joined = true;
      }
      live = op === Op.brIf;
    } else if (endsCode.has(op)) live = false;
  }
  return { reachable, loopEnds };
}

const endsCode: ReadonlySet<number> = new Set([
  Op.return_,
  Op.unreachable,
  Op.returnCall,
  Op.returnCallIndirect,
]);
