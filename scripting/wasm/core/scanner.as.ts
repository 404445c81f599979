import { BodyField, input } from "../../metering/core/input.as";
import { Op } from "../op";
import { code } from "./code.as";
import {
  mediumAccessLength,
  mediumLength,
  mediumValue,
  shortBlockTypes,
  shortForms,
} from "./forms.as";
import { InstructionCursor } from "./instructions.as";
import { entriesPerMark, maxRunWeight, packMark, pauseOp } from "./marks.as";
import { allocate, Bytes, grownInts, Ints, newBytes, newInts } from "./memory.as";
import { BodyFault, refuseBody } from "./refusal.as";
import { prefixedStackDelta, stackDelta } from "./stack.as";

/** Nesting of blocks beyond which a body is refused; compilers stay below a few hundred. */
const maxNesting: i32 = 1_000;

/** All that the scan wants to know of a one-byte opcode at first sight. */
@unmanaged
class OpcodeForm {
  /**
   * Bits of the instruction's first three bytes that are clear where it has its shortest form; and
   * {@link otherwise} for what isn't plain or has no short form.
   */
  mask: u32;
  /** Bytes of its shortest form; 0 where it has none. */
  size: u8;
  /** {@link useBytes} for an access of a local. */
  localAccess: u8;
  /** Whether it is a mark. */
  isMark: bool;
  /** Weight, and change of the operand stack, as in a run's sum. */
  sum: i64;
}

/** In no instruction's first three bytes. */
const otherwise: u32 = 1 << 31;
/** Bytes of an entry of `firstLocalUses`. */
const useBytes: usize = 4;

const forms: usize = memory.data(256 * 16, 8);

@inline
function formAt(op: u32): OpcodeForm {
  return changetype<OpcodeForm>(forms + <usize>(op << 4));
}

// A run of plain code is summed up in one i64: the operand stack's height below, with a bias that
// keeps it positive, and above what the run weighs less `maxRunWeight`. So it is negative until a
// pause is due.

const heightBias: i32 = 1 << 30;
/** Heights stay within this; no engine takes code that comes near it. */
const maxHeight: i32 = 1 << 28;

@inline
function bounded(height: i32): i32 {
  return min(max(height, heightBias - maxHeight), heightBias + maxHeight);
}

/** The sum where a run begins. */
@inline
function newRun(height: i32): i64 {
  return <i64>height - ((<i64>maxRunWeight) << 32);
}

@inline
function weightOf(run: i64): i32 {
  return <i32>(run >> 32) + maxRunWeight;
}

function isMark(op: i32): bool {
  switch (op) {
    case Op.unreachable:
    case Op.block:
    case Op.loop:
    case Op.if_:
    case Op.else_:
    case Op.end:
    case Op.br:
    case Op.brIf:
    case Op.brTable:
    case Op.return_:
    case Op.call:
    case Op.callIndirect:
    case Op.returnCall:
    case Op.returnCallIndirect:
    case Op.memoryGrow:
    case Op.refFunc:
      return true;
    default:
      return false;
  }
}

function isPrefixedMark(op: i32): bool {
  switch (op) {
    case Op.memoryInit:
    case Op.memoryCopy:
    case Op.memoryFill:
    case Op.tableInit:
    case Op.tableCopy:
    case Op.tableGrow:
    case Op.tableFill:
      return true;
    default:
      return false;
  }
}

/**
 * A run that is due waits for an instruction in its shortest form; but not for ever, for a mark's
 * weight has a limit.
 */
const heaviestRun: i64 = (<i64>(1 << 17)) << 32;

@inline
function isLocalAccess(op: i32): bool {
  return op >= Op.localGet && op <= Op.localTee;
}

@inline
function isBlock(op: i32): bool {
  return op >= Op.block && op <= Op.if_;
}

const cursor: InstructionCursor = changetype<InstructionCursor>(
  memory.data(offsetof<InstructionCursor>()),
);

// By open block: the operand stack's height behind its parameters, and behind its end.
const entryHeights: Ints = changetype<Ints>(memory.data(4 * 1_000));
const endHeights: Ints = changetype<Ints>(memory.data(4 * 1_000));

/**
 * Walks every body once: knows every opcode, nests properly, ends where it should. Nothing has been
 * validated by then.
 */
@unmanaged
export class CodeScanner {
  private weights: Bytes;
  private prefixedWeight: i32;
  private capacity: i32 = 0;
  private length: i32 = 0;
  private uses: i32 = 0;
  private calls: i32 = 0;
  private deepest: i32 = 0;

  /**
   * Once, before all else.
   * @param weights of instructions by one-byte opcode, 0 to 255 each, for sums over plain code.
   * @param prefixedWeight of every prefixed one.
   */
  weigh(weights: Bytes, prefixedWeight: i32): void {
    this.weights = weights;
    this.prefixedWeight = prefixedWeight;
    for (let op = 0; op < 256; op++) {
      const short = shortForms[op];
      const form = formAt(op);
      form.isMark = isMark(op);
      form.size = <u8>(short & 15);
      form.mask = ((short >> 4) & 0xff) << 8;
      // Only of three bytes.
      if ((short & (1 << 12)) != 0) form.mask |= 0x80 << 16;
      if (form.isMark || form.size == 0) form.mask |= otherwise;
      form.localAccess = isLocalAccess(op) ? <u8>useBytes : 0;
      form.sum = ((<i64>weights[op]) << 32) + stackDelta[op];
    }
  }

  /** Scans all bodies of `input`, into `code`. */
  run(): void {
    const count = input.bodyCount;
    let codeBytes = 0;
    for (let f = 0; f < count; f++) {
      codeBytes += input.body(f, BodyField.end) - input.body(f, BodyField.codeStart);
    }
    code.starts = newInts(count + 1);
    code.firstLocalStart = newInts(count + 1);
    code.callStart = newInts(count + 1);
    code.hasTailCall = newBytes(count);
    code.hasIndirectTailCall = false;
    code.hasLoop = newBytes(count);
    code.hasLengthOperation = newBytes(count);
    code.hasVector = newBytes(count);
    code.mostOperands = newInts(count);
    code.callArea = newInts(count);
    code.references = changetype<Ints>(allocate(input.functionCount << 2));
    code.referenceCount = 0;
    // Both take two bytes of code at least, but for what passes its end. Room that isn't used takes
    // no memory.
    code.callees = changetype<Ints>(allocate(((codeBytes >> 1) + 2) << 2));
    code.firstLocalUses = changetype<Ints>(allocate(((codeBytes >> 1) + 2) << 2));
    // Compilers write a mark for eight to ten bytes of code.
    this.capacity = 64 + (codeBytes / 7) * entriesPerMark;
    code.entries = changetype<Ints>(allocate(this.capacity << 2));
    cursor.bytes = input.bytes;
    this.length = 0;
    this.uses = 0;
    this.calls = 0;
    this.deepest = 0;
    for (let f = 0; f < count; f++) this.scan(f);
    code.starts[count] = this.length;
    code.firstLocalStart[count] = this.uses;
    code.callStart[count] = this.calls;
    code.entryCount = this.length;
    code.deepestNesting = this.deepest;
  }

  /** Walks defined function `f`. */
  private scan(f: i32): void {
    const bytes = input.bytes;
    const codeStart = input.body(f, BodyField.codeStart);
    const endOffset = input.body(f, BodyField.end);
    const end = bytes + <usize>endOffset;
    const firstLocal: u32 = paramsOf(input.typeOf(f + input.importedFunctions));
    const firstLocalUses = code.firstLocalUses;
    code.starts[f] = this.length;
    code.callStart[f] = this.calls;
    code.firstLocalStart[f] = this.uses;
    let use = changetype<usize>(firstLocalUses) + <usize>this.uses * useBytes;
    let depth = 1;
    let deepest = 1;
    entryHeights[0] = heightBias;
    endHeights[0] = heightBias;
    let at = bytes + <usize>codeStart;
    let run = newRun(heightBias);
    let most = heightBias;
    while (at < end) {
      let word = load<u32>(at);
      let form = formAt(word & 0xff);
      // Plain code in its shortest form. Where it passes the end, the walk is over.
      while (((word | otherwise) & form.mask) == 0) {
        // Without a branch: an access of one of the two is kept, anything else overwritten.
        store<u32>(use, at - bytes);
        const isFirst = <usize>(((word >> 8) & 0xff) - firstLocal < 2);
        use += (0 - isFirst) & form.localAccess;
        at += form.size;
        run += form.sum;
        most = max(most, <i32>run);
        if (run >= 0) {
          this.pause(<i32>(at - bytes), weightOf(run));
          run = newRun(<i32>run);
        }
        if (at >= end) break;
        word = load<u32>(at);
        form = formAt(word & 0xff);
      }
      if (at >= end) break;
      let op: i32 = word & 0xff;
      let isMark: bool = form.isMark;
      let a = 0;
      let next: usize = 0;
      if (form.size != 0 && (word & (form.mask & ~otherwise)) == 0) {
        // A mark: plain code of that form was passed above.
        next = at + form.size;
        if (form.size > 1) a = (word >> 8) & 0xff;
        if (isBlock(op)) {
          if (shortBlockTypes[a] == 0) next = 0;
          a = (a << 25) >> 25;
        }
      } else {
        const length = mediumLength(op, at);
        if (length > 0) {
          next = at + length;
          a = mediumValue(at, length);
        } else {
          const accessLength = mediumAccessLength(op, at);
          if (accessLength > 0) next = at + accessLength;
        }
      }
      if (next == 0) {
        cursor.read(<i32>(at - bytes), endOffset);
        op = cursor.op;
        a = cursor.a;
        next = bytes + <usize>cursor.end;
        if (op >= 0x100) isMark = isPrefixedMark(op);
      }
      if (next > end) refuseBody(BodyFault.unexpectedEnd, endOffset);
      if (!isMark) {
        if (op < 0x100) run += form.sum;
        else {
          run += ((<i64>this.prefixedWeight) << 32) + prefixedStackDelta(op);
          if (op >= 0xfd0000) code.hasVector[f] = 1;
        }
        most = max(most, <i32>run);
        if (isLocalAccess(op) && <u32>a - firstLocal < 2) {
          store<u32>(use, at - bytes);
          use += useBytes;
        }
        at = next;
        if (run >= heaviestRun) {
          this.pause(<i32>(at - bytes), weightOf(run));
          run = newRun(<i32>run);
        }
        continue;
      }
      this.add(<i32>(at - bytes), op, a, <i32>(next - at), weightOf(run));
      let height = <i32>run;
      switch (op) {
        case Op.block:
        case Op.loop:
        case Op.if_: {
          if (op == Op.loop) code.hasLoop[f] = 1;
          if (op == Op.if_) height--;
          if (depth >= maxNesting) refuseBody(BodyFault.tooDeep, <i32>(at - bytes));
          entryHeights[depth] = height;
          if (a < 0) endHeights[depth] = a == -64 ? height : height + 1;
          else endHeights[depth] = bounded(height - paramsOf(a) + resultsOf(a));
          depth++;
          deepest = max(deepest, depth);
          break;
        }
        case Op.else_:
          height = entryHeights[depth - 1];
          break;
        case Op.end:
          depth--;
          height = endHeights[depth];
          break;
        case Op.brIf:
        case Op.brTable:
          height--;
          break;
        case Op.returnCall:
        case Op.call: {
          if (op == Op.returnCall) code.hasTailCall[f] = 1;
          const known = <u32>a < <u32>input.functionCount;
          height = this.call(f, a, known ? input.typeOf(a) : 0, height);
          break;
        }
        case Op.returnCallIndirect:
        case Op.callIndirect: {
          if (op == Op.returnCallIndirect) {
            code.hasTailCall[f] = 1;
            code.hasIndirectTailCall = true;
          }
          height = this.call(f, -1 - a, a, height - 1);
          break;
        }
        case Op.br:
        case Op.return_:
          break;
        default:
          if (op == Op.refFunc) {
            height++;
            reference(a);
          } else if (op != Op.unreachable) {
            // Priced by length.
            code.hasLengthOperation[f] = 1;
            if (op >= 0x100) height += prefixedStackDelta(op);
          }
      }
      most = max(most, height);
      run = newRun(height);
      at = next;
      if (depth > 0) continue;
      if (at != end) refuseBody(BodyFault.behindEnd, <i32>(at - bytes));
    }
    if (depth > 0) refuseBody(BodyFault.unexpectedEnd, endOffset);
    code.mostOperands[f] = most - heightBias;
    this.uses = <i32>((use - changetype<usize>(firstLocalUses)) / useBytes);
    this.deepest = max(this.deepest, deepest);
  }

  /** Notes a call; returns the operand stack's height behind it. */
  private call(f: i32, callee: i32, type: i32, height: i32): i32 {
    code.callees[this.calls++] = callee;
    const params = paramsOf(type);
    const results = resultsOf(type);
    code.callArea[f] = max(code.callArea[f], params + results);
    return bounded(height + results - params);
  }

  private pause(at: i32, weight: i32): void {
    this.add(at, pauseOp, 0, 0, weight);
  }

  private grow(): void {
    const to = this.capacity + (this.capacity >> 1) + entriesPerMark;
    code.entries = grownInts(code.entries, this.capacity, to);
    this.capacity = to;
  }

  @inline private add(at: i32, op: i32, a: i32, bytes: i32, weight: i32): void {
    const length = this.length;
    if (length + entriesPerMark > this.capacity) this.grow();
    const entries = code.entries;
    entries[length] = at;
    entries[length + 1] = packMark(op, bytes, weight);
    entries[length + 2] = a;
    this.length = length + entriesPerMark;
  }
}

// Unknown indices count as types without anything: the engine refuses them.

@inline
function paramsOf(type: i32): i32 {
  return <u32>type < <u32>input.typeCount ? input.typeParams[type] : 0;
}

@inline
function resultsOf(type: i32): i32 {
  return <u32>type < <u32>input.typeCount ? input.typeResults[type] : 0;
}

function reference(functionIndex: i32): void {
  if (<u32>functionIndex >= <u32>input.functionCount) return;
  if (input.referenced[functionIndex] == 1) return;
  input.referenced[functionIndex] = 1;
  code.references[code.referenceCount++] = functionIndex;
}

export const scanner: CodeScanner = changetype<CodeScanner>(memory.data(offsetof<CodeScanner>()));
