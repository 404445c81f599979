import { restingValue } from "../metering/driver.ts";
import { isLoad } from "../wasm/accesses.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import { type Body, readLocalRuns, type WasmModule } from "../wasm/module.ts";
import { emptyBlockType, Op, ValType } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { valTypeOf, writeConstantLoad, writeFits, writeLoad, writeStore } from "./access-code.ts";
import type { ColumnAccess } from "./column-access.ts";
import { writeLoadGuard } from "./load-guard.ts";
import type { LoweringRuns } from "./lowering-runs.ts";
import { writeBeginOthers, writeFound, writeOfOther } from "./other-code.ts";
import { type SendImport, writeBeginSending, writeSend } from "./send-code.ts";
import {
  writeForgetFound,
  writeForgetKnown,
  writeFoundInTable,
  writeLives,
  writeOfShown,
} from "./table-code.ts";
import { TemporaryLocals } from "./temporary-locals.ts";
import { handleShift, type WindowColumn } from "./window-column.ts";
import type { WindowLayout } from "./window-layout.ts";
import { writeKeep, writeMayKeep } from "./written-code.ts";

/** An imported function that reads or writes a column of the window. */
export interface WindowedImport {
  readonly access: ColumnAccess;
  /** Where rows have it; undefined when they don't. */
  readonly column: WindowColumn | undefined;
  /** Where other entities that are shown have it; undefined when they don't, or for one that writes. */
  readonly other: WindowColumn | undefined;
}

/** How a function finds its own entity, and that one's row, in the window. */
export interface RowPlace {
  /** Puts the own entity's handle on the stack. */
  self(out: ByteWriter): void;
  /** Whether the handle is to be kept from the function's first parameter, which it writes later on. */
  readonly keepsFirst: boolean;
  /** Puts the address on the stack at which the row's element of a column that begins at 0 would be. */
  pointer(out: ByteWriter, shift: number): void;
  /** The same for a column of messages, which each row has one of. */
  messagePointer(out: ByteWriter, shift: number): void;
  /** Parameters that the function has gained behind its first ones. */
  readonly addedParams: number;
  /** Whether it only runs when the window is filled; others look whether there is an own entity. */
  readonly isDriven: boolean;
  /** What a row's call that begins with it may do; undefined for a function that none begins with. */
  readonly begins: { readonly sends: boolean; readonly finds: boolean } | undefined;
  /** Whether each row has a message, too. */
  readonly hasMessage: boolean;
}

/** What the imported functions that need no call stand for. */
export interface LoweredImports {
  readonly columns: ReadonlyMap<number, WindowedImport>;
  readonly constants: ReadonlyMap<number, ConstantImport>;
  readonly messages: ReadonlyMap<number, MessageImport>;
  readonly sends: ReadonlyMap<number, SendImport>;
  /** The one that gives found entities; undefined when none does, or they aren't shown. */
  readonly found: number | undefined;
  /** Offsets of calls that are given the function's own entity for certain. */
  readonly ownSites: ReadonlySet<number>;
  /** Those that may end entities at once. */
  readonly ending: ReadonlySet<number>;
  readonly layout: WindowLayout;
}

/** An imported function whose value stands at an address. */
export interface ConstantImport {
  readonly type: "i32" | "f32" | "f64";
  readonly address: number;
}

/** An imported function that reads a message. */
export interface MessageImport {
  readonly message: number;
  /** Where the messages' numbers are. */
  readonly kinds: number;
  /** Where what it reads is; undefined when that is whether it is the message. */
  readonly value:
    | { readonly type: "i32" | "f32" | "f64"; readonly shift: number; readonly offset: number }
    | undefined;
}

/**
 * Copies functions, with calls of windowed imports replaced by: is it the own entity? then memory, else the
 * call. One that has no such call is copied as it is.
 */
export class BodyLowering {
  private readonly module: WasmModule;
  private readonly imports: LoweredImports;
  private readonly runs: LoweringRuns;
  private readonly cursor: InstructionCursor;
  private readonly code = new ByteWriter(1024);
  /** The local that keeps the first parameter, if that is written. */
  private kept: number | undefined;
  /** The one that has the number of the row's message, where that can't change. */
  private message: number | undefined;

  constructor(module: WasmModule, imports: LoweredImports, runs: LoweringRuns) {
    this.module = module;
    this.imports = imports;
    this.runs = runs;
    this.cursor = new InstructionCursor(module.bytes);
  }

  /** Writes defined function `f`, size included; offsets are noted with `out` as all of the code. */
  write(out: ByteWriter, f: number, place: RowPlace): void {
    const { module, code, cursor, runs } = this;
    const body = module.bodies[f] as Body;
    const type = module.functionTypes[f + module.importedFunctionCount] as number;
    const params = module.types[type]?.params.length ?? 0;
    const { addedParams } = place;
    const locals = new TemporaryLocals(params + addedParams + body.localCount);
    code.clear();
    runs.begin(body.codeStart);
    this.kept = undefined;
    if (place.keepsFirst) {
      this.kept = locals.of(ValType.i32, "own");
      runs.inserted(0, body.codeStart);
      code.pair(Op.localGet, 0);
      code.pair(Op.localSet, this.kept);
    }
    const { address, isBehind, others, outbox, table, messages } = this.imports.layout;
    this.message = undefined;
    if (place.hasMessage && table !== undefined && messages !== undefined) {
      this.message = locals.of(ValType.i32, "message");
      runs.inserted(code.length, body.codeStart);
      place.messagePointer(code, kindShift);
      writeLoad(code, "i32", messages.kinds);
      code.pair(Op.localSet, this.message);
    }
    if (place.begins !== undefined) {
      const { sends, finds } = place.begins;
      const before = code.length;
      if (others !== undefined) {
        // Others look their row up, and may be called when there is none.
        const pointer = place.isDriven ? () => place.pointer(code, handleShift) : undefined;
        writeBeginOthers(code, others, address, pointer);
      }
      if (finds && table?.found !== undefined) writeForgetFound(code, table.found, address);
      if (sends && outbox !== undefined) writeBeginSending(code, outbox, address, locals);
      if (code.length > before) runs.inserted(before, body.codeStart);
    }
    cursor.seek(body.codeStart, body.end);
    let copied = body.codeStart;
    const copyUpTo = (end: number): void => {
      runs.copied(code.length, copied);
      code.copy(module.bytes, copied, end);
      copied = cursor.end;
    };
    // Whether the value on top of the stack is the row's own entity.
    let isSelf = false;
    while (!cursor.done) {
      const givesSelf = isSelf;
      cursor.next();
      const { op, a, start } = cursor;
      isSelf = op === Op.localGet && a === 0 && place.isDriven && !place.keepsFirst;
      if (op === Op.call) {
        const constant = this.imports.constants.get(a);
        if (constant !== undefined) {
          copyUpTo(start);
          runs.inserted(code.length, start);
          this.constant(a, constant, place);
          continue;
        }
        const message = place.hasMessage ? this.imports.messages.get(a) : undefined;
        if (message !== undefined) {
          copyUpTo(start);
          runs.inserted(code.length, start);
          this.ofMessage(a, message, place);
          continue;
        }
        if (a === this.imports.found && (others ?? table?.found) !== undefined) {
          copyUpTo(start);
          runs.inserted(code.length, start);
          if (others !== undefined) writeFound(code, a, others, address, locals);
          else if (table?.found !== undefined) {
            writeFoundInTable(code, a, table.found, address, locals);
          }
          continue;
        }
        const send = this.imports.sends.get(a);
        if (send !== undefined && outbox !== undefined) {
          copyUpTo(start);
          runs.inserted(code.length, start);
          writeSend(code, a, send, outbox, address, locals, table, givesSelf);
          continue;
        }
        const windowed = this.imports.columns.get(a);
        if (windowed === undefined) {
          if (this.mayEnd(a)) {
            copyUpTo(cursor.end);
            runs.inserted(code.length, start);
            writeForgetKnown(code, locals);
          }
          continue;
        }
        const isSet = windowed.access.kind === "set";
        if (isSet && windowed.column?.written !== true) continue;
        copyUpTo(start);
        runs.inserted(code.length, start);
        const isOwn = place.isDriven && this.imports.ownSites.has(start);
        if (isSet) this.set(a, windowed, place, locals, isOwn);
        else this.get(a, windowed, place, locals, isOwn);
      } else if (op === Op.callIndirect && this.mayEnd(undefined)) {
        copyUpTo(cursor.end);
        runs.inserted(code.length, start);
        writeForgetKnown(code, locals);
      } else if (isBehind && isLoad(op)) {
        copyUpTo(start);
        // What stands behind the module's own memory isn't its to read; nor the host's to tell it, see `GuestHeap`.
        runs.inserted(code.length, start);
        writeLoadGuard(code, op, cursor.b, address, locals);
        copied = start;
      } else if (addedParams > 0 && a >= params && isLocalOp(op)) {
        copyUpTo(start);
        runs.inserted(code.length, start);
        code.pair(op, a + addedParams);
      }
    }
    copyUpTo(body.end);
    const header = new ByteWriter(32);
    const reader = new ByteReader(module.bytes, body.start, body.end);
    const declared = readLocalRuns(reader);
    header.u32(declared.length + locals.types.length);
    for (const [count, valType] of declared) {
      header.u32(count);
      header.byte(valType);
    }
    for (const valType of locals.types) {
      header.u32(1);
      header.byte(valType);
    }
    out.u32(header.length + code.length);
    out.append(header);
    runs.finish(out.length);
    out.append(code);
  }

  /** Whether a call may end an entity whom a table shows; undefined for one of any function. */
  private mayEnd(called: number | undefined): boolean {
    const { ending, layout } = this.imports;
    if (layout.table === undefined || ending.size === 0) return false;
    return (
      called === undefined || ending.has(called) || called >= this.module.importedFunctionCount
    );
  }

  /** Takes an entity into a local, and puts on the stack whether it is the own one. */
  private isOwn(entity: number, place: RowPlace): void {
    const { code, kept } = this;
    code.pair(Op.localTee, entity);
    if (kept === undefined) place.self(code);
    else code.pair(Op.localGet, kept);
    code.byte(Op.i32Eq);
  }

  /** `-> value` */
  private constant(index: number, { type, address }: ConstantImport, place: RowPlace): void {
    const { code } = this;
    if (place.isDriven) {
      writeConstantLoad(code, type, address);
      return;
    }
    place.self(code);
    code.byte(Op.i32Const);
    code.s32(restingValue);
    code.byte(Op.i32Eq);
    code.byte(Op.if_);
    code.byte(valTypeOf(type));
    code.pair(Op.call, index);
    code.byte(Op.else_);
    writeConstantLoad(code, type, address);
    code.byte(Op.end);
  }

  /** `entity -> value` */
  private get(
    index: number,
    { access, column, other }: WindowedImport,
    place: RowPlace,
    locals: TemporaryLocals,
    isOwn: boolean,
  ): void {
    const { code } = this;
    const entity = locals.of(ValType.i32, "entity");
    if (column !== undefined && isOwn) {
      code.byte(Op.drop);
      place.pointer(code, column.shift);
      writeLoad(code, access.type, column.offset);
      return;
    }
    if (column !== undefined) {
      this.isOwn(entity, place);
      code.byte(Op.if_);
      code.byte(valTypeOf(access.type));
      place.pointer(code, column.shift);
      writeLoad(code, access.type, column.offset);
      code.byte(Op.else_);
    } else code.pair(Op.localSet, entity);
    const { address, others, table } = this.imports.layout;
    if (other !== undefined && others !== undefined) {
      writeOfOther(code, entity, other, others, address);
    } else if (other !== undefined && table !== undefined) {
      writeOfShown(code, entity, other, table, address, locals);
    }
    code.pair(Op.localGet, entity);
    code.pair(Op.call, index);
    if (other !== undefined) code.byte(Op.end);
    if (column !== undefined) code.byte(Op.end);
  }

  /** `-> value`. What isn't this message's goes to the host, which says so. */
  private ofMessage(
    index: number,
    { message, kinds, value }: MessageImport,
    place: RowPlace,
  ): void {
    const { code } = this;
    if (this.message === undefined) {
      place.messagePointer(code, kindShift);
      writeLoad(code, "i32", kinds);
    } else code.pair(Op.localGet, this.message);
    code.byte(Op.i32Const);
    code.s32(message);
    code.byte(Op.i32Eq);
    if (value === undefined) return;
    code.byte(Op.if_);
    code.byte(valTypeOf(value.type));
    place.messagePointer(code, value.shift);
    writeLoad(code, value.type, value.offset);
    code.byte(Op.else_);
    code.pair(Op.call, index);
    code.byte(Op.end);
  }

  /** `entity, value ->` */
  private set(
    index: number,
    { access, column }: WindowedImport,
    place: RowPlace,
    locals: TemporaryLocals,
    isOwn: boolean,
  ): void {
    if (column === undefined) return;
    const { code } = this;
    const entity = locals.of(ValType.i32, "entity");
    const value = locals.of(valTypeOf(access.type), "value");
    code.pair(Op.localSet, value);
    if (isOwn) {
      code.pair(Op.localSet, entity);
      code.pair(Op.i32Const, 1);
    } else this.isOwn(entity, place);
    const { address, written, table } = this.imports.layout;
    const isHandle = access.type === "entity";
    const kept = isHandle ? written : undefined;
    if (kept !== undefined) writeMayKeep(code, kept, address);
    if (isHandle && table !== undefined) writeLives(code, value, true, table, address);
    writeFits(code, access.type, value);
    code.byte(Op.if_);
    code.byte(emptyBlockType);
    if (kept !== undefined) {
      const current = (): void => {
        place.pointer(code, column.shift);
        writeLoad(code, access.type, column.offset);
      };
      writeKeep(code, value, current, kept, address, locals);
    }
    place.pointer(code, column.shift);
    code.pair(Op.localGet, value);
    writeStore(code, access.type, column.offset);
    code.byte(Op.else_);
    code.pair(Op.localGet, entity);
    code.pair(Op.localGet, value);
    code.pair(Op.call, index);
    // What is left is a value that the host refuses: engines needn't keep anything for what would come behind that.
    if (isOwn && access.type !== "entity") code.byte(Op.unreachable);
    code.byte(Op.end);
  }
}

/** log2 of the bytes of a message's number. */
export const kindShift = 2;

function isLocalOp(op: number): boolean {
  return op === Op.localGet || op === Op.localSet || op === Op.localTee;
}
