import { maxIndexCount } from "../../engine/index.ts";
import { type AdmittedModule, admitLowered } from "../admission/admit.ts";
import { type DrivenPointer, type DriverPlan, restingValue } from "../metering/driver.ts";
import type { OffsetMap } from "../metering/offsets.ts";
import { isLoad } from "../wasm/accesses.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import {
  type Body,
  type Section,
  SectionId,
  type SizeLimits,
  type WasmModule,
} from "../wasm/module.ts";
import { Op, ValType } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { writesFirstLocal } from "./access-sites.ts";
import { BodyLowering, kindShift, type LoweredImports, type RowPlace } from "./body-lowering.ts";
import { LoweringRuns } from "./lowering-runs.ts";
import type { PlacedWindow } from "./placed-window.ts";
import { importsReached, type Reach } from "./reach.ts";
import type { WindowLayout } from "./window-layout.ts";

/** A module whose calls for its own entity's columns have become loads and stores in its window. */
export interface LoweredModule {
  readonly admitted: AdmittedModule;
  /** From offsets in the lowered module to the original's. */
  readonly offsets: OffsetMap;
  readonly layout: WindowLayout;
  /**
   * The same memory as a window whose rows are those of calls, where that will do, too: each driven function has another
   * driver for it then, behind the first ones of all.
   */
  readonly inOrder: WindowLayout | undefined;
  /** What the meter's drivers have to call. */
  readonly driver: DriverPlan;
  /** The exports that those are, in the plan's order. */
  readonly driven: readonly string[];
  /** What each of them accesses, by itself or by what it calls; likewise. */
  readonly touched: readonly TouchedFields[];
  readonly reach: Reach;
  /** Pages of memory that are the module's own, where the window stands behind them; else undefined. */
  readonly ownPages: number | undefined;
  /** Lowered function index → the original's. */
  originalFunction(index: number): number;
}

/** Fields that a function may read or write, of whatever entity, and those of them that it may write. */
export interface TouchedFields {
  readonly accessed: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
}

/** A driven export of a module. */
export interface Hook {
  readonly name: string;
  /** Whether each of its rows has a message. */
  readonly hasMessage: boolean;
  /** Its function, among the defined ones. */
  readonly f: number;
  readonly takesSelf: boolean;
}

/** Writes a module anew: its functions lowered, copies of driven ones added, and globals to tell them of rows. */
export class ModuleLowering {
  private readonly admitted: AdmittedModule;
  private readonly module: WasmModule;
  private readonly hooks: readonly Hook[];
  private readonly layout: WindowLayout;
  private readonly placed: PlacedWindow;
  private readonly reach: Reach;
  private readonly imports: LoweredImports;
  /** Those of columns, and those of messages. */
  private readonly shifts: readonly number[];
  private readonly messageShifts: readonly number[];
  private readonly accessors: Uint8Array;

  constructor(
    admitted: AdmittedModule,
    hooks: readonly Hook[],
    imports: LoweredImports,
    placed: PlacedWindow,
    reach: Reach,
  ) {
    this.admitted = admitted;
    this.module = admitted.module;
    this.hooks = hooks;
    this.layout = placed.layout;
    this.placed = placed;
    this.reach = reach;
    this.imports = imports;
    this.shifts = [...new Set(this.layout.columns.map((column) => column.shift))];
    const values = this.layout.messages?.values.map((value) => value.shift) ?? [];
    this.messageShifts = [...new Set([kindShift, ...values])];
    this.accessors = this.findAccessors();
  }

  run(): LoweredModule {
    const { module, hooks, shifts } = this;
    const firstGlobal = module.globals.length;
    const place: RowPlace = {
      self: (out) => out.pair(Op.globalGet, firstGlobal),
      pointer: (out, shift) => out.pair(Op.globalGet, firstGlobal + 1 + shifts.indexOf(shift)),
      messagePointer: noMessage,
      keepsFirst: false,
      addedParams: 0,
      isDriven: false,
      begins: undefined,
      hasMessage: false,
    };
    // Driven copies are told where their row is; helpers look that up.
    const { others: shown, outbox, table } = this.layout;
    const begins = (shown ?? outbox ?? table?.found) !== undefined;
    const copied = hooks.filter(
      (hook, n) =>
        hook.takesSelf && (begins || this.usesImports(hook.f)) && sameCopy(hooks, hook) === n,
    );
    const isDrivenItself = (f: number): boolean =>
      hooks.some((hook) => hook.f === f && !hook.takesSelf);
    // The original of a copy finds the globals at rest, and asks the host, whoever calls it.
    const others = this.accessors.some(
      (uses, f) => uses === 1 && !copied.some((hook) => hook.f === f),
    );
    const runs = new LoweringRuns();
    const bodies = new BodyLowering(module, this.imports, runs);
    const code = new ByteWriter(2 * module.bytes.length);
    for (let f = 0; f < module.bodies.length; f++) {
      if (begins && isDrivenItself(f)) {
        bodies.write(code, f, { ...place, begins: this.beginningOf(f) });
      } else if (this.accessors[f] === 1 || this.isGuarded(f)) bodies.write(code, f, place);
      else this.copyBody(code, f, runs);
    }
    for (const hook of copied) bodies.write(code, hook.f, this.drivenPlace(hook));
    const { bytes, codeStart } = this.assemble(code, copied, 1 + shifts.length);
    const count = module.functionTypes.length;
    return {
      admitted: admitLowered(this.admitted, bytes),
      offsets: runs.map(codeStart),
      layout: this.layout,
      inOrder: this.placed.inOrder,
      reach: this.reach,
      ownPages: this.layout.isBehind ? module.memories[0]?.min : undefined,
      driven: hooks.map(({ name }) => name),
      touched: hooks.map(({ f }) => this.touchedBy(f)),
      driver: {
        functions: hooks.map((hook) => {
          const copy = sameCopy(copied, hook);
          const index = copy < 0 ? hook.f + module.importedFunctionCount : count + copy;
          return {
            index,
            takesSelf: hook.takesSelf,
            pointers: copy < 0 ? [] : this.pointersOf(hook),
          };
        }),
        indexMask: table && maxIndexCount - 1,
        inOrderToo: this.placed.inOrder !== undefined,
        globals: others ? { self: firstGlobal, firstPointer: firstGlobal + 1, shifts } : undefined,
      },
      originalFunction: (index) => {
        const copy = copied[index - count];
        return copy === undefined ? index : copy.f + module.importedFunctionCount;
      },
    };
  }

  private beginningOf(f: number): NonNullable<RowPlace["begins"]> {
    const { sends, found } = this.imports;
    const reached = importsReached(this.module, f);
    return {
      sends: [...sends.keys()].some((index) => reached.has(index)),
      finds: found !== undefined && reached.has(found),
    };
  }

  private touchedBy(f: number): TouchedFields {
    const accessed = new Set<string>();
    const written = new Set<string>();
    for (const index of importsReached(this.module, f)) {
      const access = this.imports.columns.get(index)?.access;
      if (access === undefined) continue;
      accessed.add(access.field);
      if (access.kind === "set") written.add(access.field);
    }
    return { accessed, written };
  }

  /** Where a copy of a function that takes the handle finds its row: behind it come its pointers. */
  private drivenPlace(hook: Hook): RowPlace {
    const pointers = this.pointersOf(hook);
    const pointer = (out: ByteWriter, shift: number, byCall: boolean): void => {
      const at = pointers.findIndex((p) => p.shift === shift && p.byCall === byCall);
      out.pair(Op.localGet, 1 + at);
    };
    const isTable = this.layout.table !== undefined;
    return {
      self: (out) => out.pair(Op.localGet, 0),
      pointer: (out, shift) => pointer(out, shift, !isTable),
      messagePointer: (out, shift) => pointer(out, shift, true),
      keepsFirst: writesFirstLocal(this.module, hook.f),
      addedParams: pointers.length,
      isDriven: true,
      begins: this.beginningOf(hook.f),
      hasMessage: hook.hasMessage,
    };
  }

  private pointersOf({ hasMessage }: Hook): readonly DrivenPointer[] {
    const byCall = this.layout.table === undefined;
    const rows = this.shifts.map((shift) => ({ shift, byCall }));
    if (!hasMessage) return rows;
    const messages = this.messageShifts.map((shift) => ({ shift, byCall: true }));
    return byCall ? unique([...rows, ...messages]) : [...rows, ...messages];
  }

  /** 1 for each defined function that calls a windowed import, or one that gives a constant. */
  private findAccessors(): Uint8Array {
    const { module } = this;
    const { columns, constants, sends, found } = this.imports;
    const uses = (a: number): boolean =>
      columns.has(a) || constants.has(a) || sends.has(a) || a === found;
    return Uint8Array.from(module.bodies, (_, f) =>
      this.contains(f, (op, a) => op === Op.call && uses(a)) ? 1 : 0,
    );
  }

  /** Whether it reads memory, which doesn't end where the module's own does. */
  private isGuarded(f: number): boolean {
    return this.layout.isBehind && this.contains(f, isLoad);
  }

  private usesImports(f: number): boolean {
    const { columns, constants, messages, sends, found } = this.imports;
    const uses = (a: number): boolean =>
      columns.has(a) || constants.has(a) || messages.has(a) || sends.has(a) || a === found;
    return this.contains(f, (op, a) => op === Op.call && uses(a));
  }

  /** Whether an instruction of a defined function, told by opcode and first immediate, is a certain one. */
  private contains(f: number, is: (op: number, a: number) => boolean): boolean {
    const { codeStart, end } = this.module.bodies[f] as Body;
    const cursor = new InstructionCursor(this.module.bytes);
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      if (is(cursor.op, cursor.a)) return true;
    }
    return false;
  }

  private copyBody(out: ByteWriter, f: number, runs: LoweringRuns): void {
    const { start, codeStart, end } = this.module.bodies[f] as Body;
    out.u32(end - start);
    runs.begin(codeStart);
    runs.finish(out.length + codeStart - start);
    out.copy(this.module.bytes, start, end);
  }

  private assemble(
    code: ByteWriter,
    copied: readonly Hook[],
    addedGlobals: number,
  ): { bytes: Uint8Array; codeStart: number } {
    const { module } = this;
    const out = new ByteWriter(module.bytes.length + code.length);
    out.copy(module.bytes, 0, 8);
    let codeStart = 0;
    let hasGlobals = false;
    const globals = (section: Section | undefined): void => {
      hasGlobals = true;
      this.counted(out, SectionId.global, section, addedGlobals, (content) => {
        for (let g = 0; g < addedGlobals; g++) {
          content.byte(ValType.i32);
          content.byte(1);
          content.byte(Op.i32Const);
          content.s32(restingValue);
          content.byte(Op.end);
        }
      });
    };
    for (const section of module.sections) {
      // Before anything that comes behind globals.
      const behind = section.id === SectionId.export || section.id > SectionId.export;
      if (!hasGlobals && behind && section.id !== SectionId.custom) {
        if (section.id !== SectionId.tag) globals(undefined);
      }
      switch (section.id) {
        case SectionId.type:
          this.counted(out, section.id, section, copied.length, (content) => {
            for (const hook of copied) this.drivenType(content, this.pointersOf(hook).length);
          });
          break;
        case SectionId.function:
          this.counted(out, section.id, section, copied.length, (content) => {
            for (const n of copied.keys()) content.u32(module.types.length + n);
          });
          break;
        case SectionId.global:
          globals(section);
          break;
        case SectionId.memory:
          if (this.placed.addedPages === 0) out.copy(module.bytes, section.start, section.end);
          else this.longerMemory(out);
          break;
        case SectionId.code: {
          const header = new ByteWriter(8);
          header.u32(module.bodies.length + copied.length);
          out.byte(section.id);
          out.u32(header.length + code.length);
          out.append(header);
          codeStart = out.length;
          out.append(code);
          break;
        }
        default:
          if (!section.name.startsWith("metadata.code.")) {
            out.copy(module.bytes, section.start, section.end);
          }
      }
    }
    return { bytes: out.bytes.slice(0, out.length), codeStart };
  }

  /** A section that begins with a count, with entries added to it. */
  private counted(
    out: ByteWriter,
    id: number,
    section: Section | undefined,
    added: number,
    write: (content: ByteWriter) => void,
  ): void {
    const { bytes } = this.module;
    const content = new ByteWriter(256);
    if (section === undefined) content.u32(added);
    else {
      const reader = new ByteReader(bytes, section.contentStart, section.end);
      content.u32(reader.u32() + added);
      content.copy(bytes, reader.offset, section.end);
    }
    write(content);
    out.section(id, content);
  }

  private longerMemory(out: ByteWriter): void {
    const { min, max } = this.module.memories[0] as SizeLimits;
    const content = new ByteWriter(16);
    content.u32(1);
    content.byte(max === undefined ? 0 : 1);
    content.u32(min + this.placed.addedPages);
    if (max !== undefined) content.u32(max + this.placed.addedPages);
    out.section(SectionId.memory, content);
  }

  /** The handle and the pointers, and no result. */
  private drivenType(content: ByteWriter, pointers: number): void {
    content.byte(0x60);
    content.u32(1 + pointers);
    for (let n = 0; n <= pointers; n++) content.byte(ValType.i32);
    content.u32(0);
  }
}

function noMessage(): never {
  throw new Error("there is no message");
}

function unique(pointers: readonly DrivenPointer[]): DrivenPointer[] {
  return pointers.filter(
    ({ shift, byCall }, n) =>
      pointers.findIndex((p) => p.shift === shift && p.byCall === byCall) === n,
  );
}

/** The first of some hooks that can do with the same copy. */
function sameCopy(hooks: readonly Hook[], { f, hasMessage }: Hook): number {
  return hooks.findIndex((other) => other.f === f && other.hasMessage === hasMessage);
}
