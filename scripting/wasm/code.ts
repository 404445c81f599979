import { mediumLength, mediumValue, shortBlockTypes, shortForms, shortLength } from "./forms.ts";
import { InstructionCursor } from "./instructions.ts";
import { entriesPerMark, type Marks, maxRunWeight, packMark, pauseOp } from "./marks.ts";
import type { Body, FuncType, WasmModule } from "./module.ts";
import { Op } from "./opcodes.ts";
import { WasmFormatError } from "./reader.ts";
import { prefixedStackDelta, stackDelta } from "./stack.ts";
import type { InstructionWeights } from "./weights.ts";

/** Nesting of blocks beyond which a body is refused; compilers stay below a few hundred. */
const maxNesting = 1_000;

/** What one walk over all bodies found; arrays are indexed by defined function. */
export interface CodeIndex {
  readonly marks: Marks;
  /**
   * Offsets of the instructions of each defined function `f` that access one of its first two declared
   * locals: `firstLocalUses[firstLocalStart[f] .. firstLocalStart[f + 1])`, ascending.
   */
  readonly firstLocalUses: Int32Array;
  readonly firstLocalStart: Uint32Array;
  /** `callees[callStart[f] .. callStart[f + 1])` are the call sites of defined function `f`. */
  readonly callStart: Uint32Array;
  /** A function index; or `-1 - type index` for an indirect call through that type. */
  readonly callees: Int32Array;
  /** 1 where the function makes a tail call. */
  readonly hasTailCall: Uint8Array;
  /** Whether any function makes an indirect tail call. */
  readonly hasIndirectTailCall: boolean;
  /** 1 where the function has a `loop`. */
  readonly hasLoop: Uint8Array;
  /** 1 where the function has an operation whose time grows with a length on the stack. */
  readonly hasLengthOperation: Uint8Array;
  /** 1 where the function has a vector instruction. */
  readonly hasVector: Uint8Array;
  /** Most blocks open at a time in any function, itself included. */
  readonly deepestNesting: number;
  /** Most values that stand on the function's operand stack at a time; an upper bound. */
  readonly mostOperands: Uint32Array;
  /** Most parameters and results together of what the function calls. */
  readonly callArea: Uint32Array;
  /** Functions that can be reached through a reference: in `ref.func` or an element segment. */
  readonly referenced: ReadonlySet<number>;
}

/**
 * Walks every body once: knows every opcode, nests properly, ends where it should.
 * @throws WasmFormatError with the offset.
 */
export function indexCode(module: WasmModule, weights: InstructionWeights): CodeIndex {
  const scanner = new CodeScanner(module, weights);
  for (let f = 0; f < module.bodies.length; f++) scanner.scan(f);
  return scanner.finish();
}

/** 1 for opcodes of marks. */
const marks: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const op of [
    Op.unreachable,
    Op.block,
    Op.loop,
    Op.if,
    Op.else,
    Op.end,
    Op.br,
    Op.brIf,
    Op.brTable,
    Op.return,
    Op.call,
    Op.callIndirect,
    Op.returnCall,
    Op.returnCallIndirect,
    Op.memoryGrow,
    Op.refFunc,
  ]) {
    table[op] = 1;
  }
  return table;
})();

function isMark(op: number): boolean {
  if (op < 0x100) return marks[op] === 1;
  if (op >= 0xfd0000 || op < Op.memoryInit) return false;
  return op !== Op.dataDrop && op !== Op.elemDrop && op !== Op.tableSize;
}

// Beside a short form: weight (8 bits), change of the operand stack (5 bits, biased), access of a local.
const weightShift = 13;
const deltaShift = 21;
const deltaBias = 16;
const localShift = 26;

function isLocalAccess(op: number): boolean {
  return op >= Op.localGet && op <= Op.localTee;
}

/** Forms of plain instructions with what they add up to; 0 for marks and what has no short form. */
function plainForms(weights: InstructionWeights): Int32Array {
  const table = new Int32Array(256);
  for (let op = 0; op < 256; op++) {
    const form = shortForms[op] as number;
    if (form === 0 || isMark(op)) continue;
    const delta = (stackDelta[op] as number) + deltaBias;
    const local = isLocalAccess(op) ? 1 << localShift : 0;
    const weight = weights.short[op] as number;
    table[op] = form | (weight << weightShift) | (delta << deltaShift) | local;
  }
  return table;
}

class CodeScanner {
  private readonly cursor: InstructionCursor;
  private readonly plain: Int32Array;
  private entries: Int32Array;
  private length = 0;
  private readonly starts: Uint32Array;
  private firstLocalUses = new Int32Array(256);
  private uses = 0;
  private readonly firstLocalStart: Uint32Array;
  private readonly callStart: Uint32Array;
  private callees = new Int32Array(256);
  private calls = 0;
  private readonly hasTailCall: Uint8Array;
  private hasIndirectTailCall = false;
  private readonly hasLoop: Uint8Array;
  private readonly hasLengthOperation: Uint8Array;
  private readonly hasVector: Uint8Array;
  private readonly mostOperands: Uint32Array;
  private readonly callArea: Uint32Array;
  private readonly referenced: Set<number>;
  /** By type index: parameters and results. Unknown indices count as none: the engine refuses them. */
  private readonly params: Uint32Array;
  private readonly results: Uint32Array;

  // By open block: the operand stack below it, its parameters and its results.
  private floors = new Int32Array(64);
  private blockParams = new Int32Array(64);
  private blockResults = new Int32Array(64);
  private depth = 0;
  private deepest = 0;
  private height = 0;

  constructor(
    private readonly module: WasmModule,
    private readonly weights: InstructionWeights,
  ) {
    const count = module.bodies.length;
    this.cursor = new InstructionCursor(module.bytes);
    this.plain = plainForms(weights);
    let codeBytes = 0;
    for (const { codeStart, end } of module.bodies) codeBytes += end - codeStart;
    // Compilers write a mark for eight to ten bytes of code.
    this.entries = new Int32Array(64 + Math.floor(codeBytes / 7) * entriesPerMark);
    this.starts = new Uint32Array(count + 1);
    this.firstLocalStart = new Uint32Array(count + 1);
    this.callStart = new Uint32Array(count + 1);
    this.hasTailCall = new Uint8Array(count);
    this.hasLoop = new Uint8Array(count);
    this.hasLengthOperation = new Uint8Array(count);
    this.hasVector = new Uint8Array(count);
    this.mostOperands = new Uint32Array(count);
    this.callArea = new Uint32Array(count);
    this.referenced = new Set(module.functionUses.map((use) => use.functionIndex));
    this.params = Uint32Array.from(module.types, (type: FuncType) => type.params.length);
    this.results = Uint32Array.from(module.types, (type: FuncType) => type.results.length);
  }

  finish(): CodeIndex {
    const { callStart, hasTailCall, hasIndirectTailCall, hasLoop, hasLengthOperation } = this;
    const { hasVector, mostOperands, callArea, referenced } = this;
    this.starts[this.module.bodies.length] = this.length;
    callStart[this.module.bodies.length] = this.calls;
    this.firstLocalStart[this.module.bodies.length] = this.uses;
    return {
      marks: { entries: this.entries.subarray(0, this.length), starts: this.starts },
      firstLocalUses: this.firstLocalUses.subarray(0, this.uses),
      firstLocalStart: this.firstLocalStart,
      callStart,
      callees: this.callees.subarray(0, this.calls),
      hasTailCall,
      hasIndirectTailCall,
      hasLoop,
      hasLengthOperation,
      hasVector,
      deepestNesting: this.deepest,
      mostOperands,
      callArea,
      referenced,
    };
  }

  /** Walks defined function `f`. */
  scan(f: number): void {
    const { bytes, functionTypes, importedFunctionCount } = this.module;
    const { codeStart, end } = this.module.bodies[f] as Body;
    const firstLocal = this.params[functionTypes[f + importedFunctionCount] as number] ?? 0;
    const { cursor, plain } = this;
    this.starts[f] = this.length;
    this.callStart[f] = this.calls;
    this.firstLocalStart[f] = this.uses;
    // An access takes two bytes at least.
    const room = this.uses + ((end - codeStart) >> 1) + 1;
    if (room > this.firstLocalUses.length) this.firstLocalUses = grown(this.firstLocalUses, room);
    const { firstLocalUses } = this;
    let uses = this.uses;
    this.depth = 0;
    this.height = 0;
    this.open(codeStart, 0, 0);
    let at = codeStart;
    let weight = 0;
    let height = 0;
    let most = 0;
    while (at < end) {
      let op = bytes[at] as number;
      const form = plain[op] as number;
      const size = form & 15;
      // As in `shortLength`, which would read the table again.
      const first = (bytes[at + 1] as number) & (form >> 4) & 0xff;
      const last = (bytes[at + size - 1] as number) & ((form >> 5) & 0x80);
      if (size !== 0 && (first | last) === 0 && at + size <= end) {
        // Without a branch: an access of one of the two is kept, anything else overwritten.
        const place = ((bytes[at + 1] as number) - firstLocal) & ~1;
        firstLocalUses[uses] = at;
        uses += (form >> localShift) & ~((place | -place) >> 31);
        at += size;
        weight += (form >> weightShift) & 255;
        height += ((form >> deltaShift) & 31) - deltaBias;
        if (height > most) most = height;
        if (weight < maxRunWeight) continue;
        this.add(at, pauseOp, 0, 0, weight);
        weight = 0;
        continue;
      }
      let a = 0;
      let next = at + shortLength(bytes, at);
      const byte = bytes[at + 1] as number;
      const isBlock = op >= Op.block && op <= Op.if;
      if (next > at && (!isBlock || shortBlockTypes[byte] === 1)) {
        // A mark: plain code of that form was passed above.
        if (next > at + 1) a = isBlock ? (byte << 25) >> 25 : byte;
      } else {
        const length = mediumLength(bytes, at);
        if (length > 0) {
          next = at + length;
          a = mediumValue(bytes, at, length);
        } else {
          cursor.seek(at, end);
          cursor.next();
          ({ op, a, end: next } = cursor);
        }
      }
      if (next > end) cursor.reader.fail("unexpected end", end);
      if (!isMark(op)) {
        weight += op < 0x100 ? (this.weights.short[op] as number) : this.weights.prefixed;
        height += op < 0x100 ? (stackDelta[op] as number) : prefixedStackDelta(op);
        if (op >= 0xfd0000) this.hasVector[f] = 1;
        if (height > most) most = height;
        if (isLocalAccess(op) && a >= firstLocal && a < firstLocal + 2) firstLocalUses[uses++] = at;
        at = next;
        continue;
      }
      this.add(at, op, a, next - at, weight);
      weight = 0;
      this.height = height;
      this.mark(f, op, a, at);
      height = this.height;
      if (height > most) most = height;
      at = next;
      if (this.depth > 0) continue;
      if (at !== end) throw new WasmFormatError(at, "function body goes on behind its end");
    }
    if (this.depth > 0) this.cursor.reader.fail("unexpected end", end);
    this.mostOperands[f] = most;
    this.uses = uses;
  }

  /** What a mark at `at` does to nesting and operands. */
  private mark(f: number, op: number, a: number, at: number): void {
    switch (op) {
      case Op.loop:
        this.hasLoop[f] = 1;
        this.openTyped(a, at);
        return;
      case Op.block:
        this.openTyped(a, at);
        return;
      case Op.if:
        this.height--;
        this.openTyped(a, at);
        return;
      case Op.else:
        this.height =
          (this.floors[this.depth - 1] as number) + (this.blockParams[this.depth - 1] as number);
        return;
      case Op.end:
        this.depth--;
        this.height =
          (this.floors[this.depth] as number) + (this.blockResults[this.depth] as number);
        return;
      case Op.brIf:
      case Op.brTable:
        this.height--;
        return;
      case Op.returnCall:
      case Op.call:
        if (op === Op.returnCall) this.hasTailCall[f] = 1;
        this.call(f, a, this.module.functionTypes[a] ?? 0);
        return;
      case Op.returnCallIndirect:
      case Op.callIndirect:
        if (op === Op.returnCallIndirect) {
          this.hasTailCall[f] = 1;
          this.hasIndirectTailCall = true;
        }
        this.height--;
        this.call(f, -1 - a, a);
        return;
      case Op.refFunc:
        this.height++;
        this.referenced.add(a);
        return;
      case Op.memoryGrow:
        this.hasLengthOperation[f] = 1;
        return;
      default:
        if (op < 0x100) return;
        this.hasLengthOperation[f] = 1;
        this.height += prefixedStackDelta(op);
    }
  }

  private call(f: number, callee: number, type: number): void {
    if (this.calls === this.callees.length) this.callees = grown(this.callees, this.calls + 1);
    this.callees[this.calls++] = callee;
    const params = this.params[type] ?? 0;
    const results = this.results[type] ?? 0;
    this.height += results - params;
    if (params + results > (this.callArea[f] as number)) this.callArea[f] = params + results;
  }

  private openTyped(type: number, at: number): void {
    if (type < 0) this.open(at, 0, type === -64 ? 0 : 1);
    else this.open(at, this.params[type] ?? 0, this.results[type] ?? 0);
  }

  private open(at: number, params: number, results: number): void {
    const d = this.depth++;
    if (d >= maxNesting) {
      throw new WasmFormatError(at, `blocks nest deeper than ${maxNesting}`, "limit");
    }
    if (this.depth > this.deepest) this.deepest = this.depth;
    if (d === this.floors.length) {
      this.floors = grown(this.floors, 0);
      this.blockParams = grown(this.blockParams, 0);
      this.blockResults = grown(this.blockResults, 0);
    }
    this.floors[d] = this.height - params;
    this.blockParams[d] = params;
    this.blockResults[d] = results;
  }

  private add(at: number, op: number, a: number, bytes: number, weight: number): void {
    if (this.length + entriesPerMark > this.entries.length) {
      this.entries = grown(this.entries, this.length + entriesPerMark);
    }
    const { entries, length } = this;
    entries[length] = at;
    entries[length + 1] = packMark(op, bytes, weight);
    entries[length + 2] = a;
    this.length = length + entriesPerMark;
  }
}

function grown(list: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.max(least, Math.ceil(list.length * 1.5)));
  to.set(list);
  return to;
}
