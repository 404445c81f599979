import { type AdmittedModule, limitPages } from "../admission/admit.ts";
import {
  ExternKind,
  type FuncType,
  type FunctionUse,
  type Import,
  type Section,
  SectionId,
  type SizeLimits,
  type Span,
} from "../wasm/module.ts";
import { rewriteNames } from "../wasm/names.ts";
import { Op, ValType } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { Claim, Convention } from "./codes.ts";
import type { FunctionFacts } from "./facts.ts";
import { type BranchHints, writeHints } from "./hints.ts";
import type { Layout, Thunk } from "./layout.ts";
import { movedLocal } from "./locals.ts";
import {
  beginExport,
  claimsSection,
  depthExport,
  driveExport,
  drivenExport,
  fuelExport,
  memoryExport,
  meterModule,
  orderSection,
  priceExport,
  refillName,
  remainingExport,
  reservedPrefix,
  rowExport,
  startExport,
  stateExport,
  stopExport,
  tableExport,
} from "./protocol.ts";

/** Sections in the order the format wants them. */
const sectionSequence = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** Writes a metered module's sections around its code. */
export class SectionWriter {
  private readonly admitted: AdmittedModule;
  private readonly stateGlobals: readonly number[];
  private readonly stateTables: readonly number[];
  private readonly layout: Layout;
  private readonly facts: FunctionFacts;
  /** Contents of sections, one behind the other, for their sizes come in front of them. */
  private readonly contents: ByteWriter;
  /** Where in that they stand, by their ids. */
  private readonly spans = new Map<number, Span>();

  /** @param stateGlobals globals of the guest's that are exported for the host to keep; tables likewise. */
  constructor(
    admitted: AdmittedModule,
    layout: Layout,
    facts: FunctionFacts,
    stateGlobals: readonly number[],
    stateTables: readonly number[],
  ) {
    this.stateGlobals = stateGlobals;
    this.stateTables = stateTables;
    this.admitted = admitted;
    this.layout = layout;
    this.facts = facts;
    this.contents = new ByteWriter(2048 + 8 * admitted.module.functionTypes.length);
  }

  /** Writes the sections that refer to functions from outside of code. */
  prepare(): void {
    this.write(SectionId.global, () => this.globals());
    this.write(SectionId.export, () => this.exports());
    this.write(SectionId.element, () => this.elements());
  }

  /** Writes a section's content; where nothing is written there is no section. */
  private write(id: number, content: () => void): void {
    const start = this.contents.length;
    content();
    const end = this.contents.length;
    if (end > start) this.spans.set(id, { start, end });
  }

  /**
   * The whole module, and where its code section's bodies begin.
   * @param code the original functions' bodies.
   * @param own the bodies of the meter's functions, which come behind them.
   */
  assemble(
    code: Uint8Array,
    own: Uint8Array,
    hints: BranchHints,
  ): { bytes: Uint8Array<ArrayBuffer>; codeStart: number } {
    const { module } = this.admitted;
    // Everything but the bodies, which are put between once all lengths are known.
    const codeBytes = this.find(SectionId.code);
    const rest =
      module.bytes.length - (codeBytes === undefined ? 0 : codeBytes.end - codeBytes.start);
    const out = new ByteWriter(rest + 8 * module.bodies.length + 1024);
    out.copy(module.bytes, 0, 8);
    this.write(SectionId.import, () => this.imports());
    // Before the types, for it asks for new ones.
    this.write(SectionId.function, () => this.functions());
    this.write(SectionId.type, () => this.types());
    if (this.find(SectionId.table) !== undefined) {
      this.write(SectionId.table, () => this.tables());
    }
    if (this.find(SectionId.memory) !== undefined) {
      this.write(SectionId.memory, () => this.memories());
    }
    let codeStart = 0;
    let next = 0;
    for (const id of sectionSequence) {
      const original = module.sections.findIndex((s, i) => i >= next && s.id === id);
      if (original >= 0) {
        for (; next < original; next++) this.custom(out, module.sections[next] as Section);
        next = original + 1;
      }
      const span = this.spans.get(id);
      if (id === SectionId.code) {
        if (hints.functions > 0) this.addCustom(out, () => writeHints(this.contents, hints));
        const header = new ByteWriter(8);
        header.u32(module.bodies.length + this.layout.ownFunctions + this.layout.thunks.length);
        out.byte(id);
        out.u32(header.length + code.length + own.length);
        out.append(header);
        codeStart = out.length;
      } else if (span !== undefined) out.section(id, this.contents, span.start, span.end);
      else if (original >= 0 && id !== SectionId.start) {
        const { start, end } = module.sections[original] as Section;
        out.copy(module.bytes, start, end);
      }
    }
    for (; next < module.sections.length; next++) {
      this.custom(out, module.sections[next] as Section);
    }
    this.addCustom(out, () => this.claims());
    this.addCustom(out, () => this.order());
    const codeEnd = codeStart + code.length + own.length;
    const bytes = new Uint8Array(out.length + code.length + own.length);
    bytes.set(out.bytes.subarray(0, codeStart));
    bytes.set(code, codeStart);
    bytes.set(own, codeStart + code.length);
    bytes.set(out.bytes.subarray(codeStart, out.length), codeEnd);
    return { bytes, codeStart };
  }

  private addCustom(out: ByteWriter, content: () => void): void {
    const start = this.contents.length;
    content();
    out.section(SectionId.custom, this.contents, start, this.contents.length);
  }

  private claims(): void {
    const out = this.contents;
    out.name(claimsSection);
    const { convention, deep, counted } = this.facts;
    for (let f = 0; f < convention.length; f++) {
      const claim = claimOf(convention[f] as number, deep[f] === 1);
      out.byte(claim + (counted[f] === 1 ? Claim.counted : 0));
    }
    for (let own = 0; own < this.layout.ownFunctions; own++) out.byte(Claim.none);
    for (const { kind, deep } of this.layout.thunks) {
      if (kind === "outside") out.byte(Claim.none);
      else out.byte(deep ? Claim.threadedDeep : Claim.threaded);
    }
  }

  /** The order in which the verifier can go, see `orderSection`. */
  private order(): void {
    const out = this.contents;
    out.name(orderSection);
    const { facts, layout } = this;
    const imported = this.admitted.module.importedFunctionCount;
    const functions = this.admitted.module.bodies.length;
    const alone = (f: number): void => out.u32(f * 2 + 1);
    for (let own = 0; own < layout.ownFunctions; own++) alone(functions + own);
    const firstThunk = functions + layout.ownFunctions;
    // Lists of each function's thunks: its first one and each one's next, both counted from 1.
    const first = new Int32Array(functions);
    const next = new Int32Array(layout.thunks.length);
    for (let i = layout.thunks.length - 1; i >= 0; i--) {
      const f = (layout.thunks[i] as Thunk).original - imported;
      if (f < 0) continue;
      next[i] = first[f] as number;
      first[f] = i + 1;
    }
    for (let i = 0; i < layout.thunks.length; i++) {
      if ((layout.thunks[i] as Thunk).original < imported) alone(firstThunk + i);
    }
    const { order, component, recursive } = facts;
    for (let start = 0, end = 0; start < order.length; start = end) {
      const c = component[order[start] as number];
      while (end < order.length && component[order[end] as number] === c) end++;
      const f = order[start] as number;
      if (recursive[f] === 0) {
        alone(f);
        for (let t = first[f] as number; t > 0; t = next[t - 1] as number)
          alone(firstThunk + t - 1);
        continue;
      }
      // In a cycle through a table, thunks are called by what they call, which is counted.
      let begins = 1;
      const member = (index: number): void => {
        out.u32(index * 2 + begins);
        begins = 0;
      };
      for (let i = start; i < end; i++) {
        for (let t = first[order[i] as number] as number; t > 0; t = next[t - 1] as number) {
          member(firstThunk + t - 1);
        }
      }
      for (let i = start; i < end; i++) member(order[i] as number);
    }
  }

  private find(id: number): Section | undefined {
    return this.admitted.module.sections.find((s) => s.id === id);
  }

  private types(): void {
    const { module } = this.admitted;
    const section = this.find(SectionId.type);
    const out = this.contents;
    out.u32(this.layout.types.length);
    if (section !== undefined) {
      // Behind the count, the original types stay byte for byte.
      let at = section.contentStart;
      while ((module.bytes[at] as number) >= 0x80) at++;
      out.copy(module.bytes, at + 1, section.end);
    }
    for (const type of this.layout.types.slice(module.types.length)) {
      out.byte(0x60);
      out.u32(type.params.length);
      for (const t of type.params) out.byte(t);
      out.u32(type.results.length);
      for (const t of type.results) out.byte(t);
    }
  }

  private imports(): void {
    const { module } = this.admitted;
    const out = this.contents;
    out.u32(module.imports.length + 1);
    for (const i of module.imports) this.importEntry(out, i);
    out.name(meterModule);
    out.name(refillName);
    out.byte(ExternKind.func);
    out.u32(this.layout.refillType);
  }

  private importEntry(out: ByteWriter, i: Import): void {
    out.name(i.module);
    out.name(i.name);
    out.byte(i.kind);
    switch (i.kind) {
      case ExternKind.func:
        out.u32(i.typeIndex);
        return;
      case ExternKind.table:
        out.byte(i.table.refType);
        this.sizes(out, i.table, this.admitted.limits.tableElements);
        return;
      case ExternKind.memory:
        this.sizes(out, i.memory, limitPages(this.admitted.limits));
        return;
      default:
        out.byte(i.global.valType);
        out.byte(i.global.mutable ? 1 : 0);
    }
  }

  private sizes(out: ByteWriter, limits: SizeLimits, cap: number): void {
    const max = Math.min(limits.max ?? 0xffffffff, cap);
    out.byte(1);
    out.u32(limits.min);
    out.u32(max);
  }

  private functions(): void {
    const { bodies } = this.admitted.module;
    const out = this.contents;
    out.u32(bodies.length + this.layout.ownFunctions + this.layout.thunks.length);
    for (let f = 0; f < bodies.length; f++) out.u32(this.layout.definedType(f));
    out.u32(this.layout.beginType);
    out.u32(this.layout.remainingType);
    if (this.layout.drives > 0) {
      out.u32(this.layout.remainingType); // row
      out.u32(this.layout.remainingType); // driven
    }
    for (let n = 0; n < this.layout.drives; n++) out.u32(this.layout.driveType);
    for (const thunk of this.layout.thunks) out.u32(thunk.type);
  }

  private tables(): void {
    const { module, limits } = this.admitted;
    const out = this.contents;
    const defined = module.tables.slice(module.importedTableCount);
    out.u32(defined.length);
    for (const table of defined) {
      out.byte(table.refType);
      this.sizes(out, table, limits.tableElements);
    }
  }

  private memories(): void {
    const { module, limits } = this.admitted;
    const out = this.contents;
    const defined = module.memories.slice(module.importedMemoryCount);
    out.u32(defined.length);
    for (const memory of defined) this.sizes(out, memory, limitPages(limits));
  }

  private globals(): void {
    const { module } = this.admitted;
    const section = this.find(SectionId.global);
    const out = this.contents;
    const { addedGlobals, profile } = this.layout;
    const added = addedGlobals + (profile?.globalCount ?? 0);
    out.u32(module.globals.length - module.importedGlobalCount + added);
    if (section !== undefined) {
      let at = section.contentStart;
      while ((module.bytes[at] as number) >= 0x80) at++;
      this.copyWithReferences(out, at + 1, section.end);
    }
    for (let i = 0; i < addedGlobals; i++) {
      out.byte(ValType.i32);
      out.byte(1);
      out.byte(Op.i32Const);
      out.s32(0);
      out.byte(Op.end);
    }
    profile?.writeGlobals(out);
  }

  private exports(): void {
    const { module } = this.admitted;
    const { layout } = this;
    const out = this.contents;
    const entry = (name: string, kind: number, index: number): void => {
      out.name(name);
      out.byte(kind);
      out.u32(index);
    };
    const global = (name: string, index: number): void => entry(name, ExternKind.global, index);
    const { exports, importedFunctionCount, startFunction } = module;
    const hasMemory = module.memories.length > 0;
    const { stateGlobals, stateTables } = this;
    const kept = stateGlobals.length + stateTables.length;
    const own = 3 + layout.ownFunctions;
    const added = own + importedFunctionCount + (layout.profile?.exportCount ?? 0) + kept;
    out.u32(exports.length + added + (hasMemory ? 1 : 0) + (startFunction === undefined ? 0 : 1));
    for (const { name, kind, index } of exports) {
      entry(name, kind, kind === ExternKind.func ? layout.reference(index) : index);
    }
    global(fuelExport, layout.fuelGlobal);
    global(depthExport, layout.depthGlobal);
    global(stopExport, layout.stopGlobal);
    for (let i = 0; i < importedFunctionCount; i++) global(priceExport(i), layout.priceGlobal(i));
    for (const [name, index] of layout.profile?.exports() ?? []) global(name, index);
    for (const index of stateGlobals) global(stateExport(index), index);
    for (const index of stateTables) entry(tableExport(index), ExternKind.table, index);
    entry(beginExport, ExternKind.func, layout.begin);
    entry(remainingExport, ExternKind.func, layout.begin + 1);
    if (layout.drives > 0) {
      entry(rowExport, ExternKind.func, layout.row);
      entry(drivenExport, ExternKind.func, layout.row + 1);
    }
    for (let n = 0; n < layout.drives; n++) {
      entry(driveExport(n), ExternKind.func, layout.row + 2 + n);
    }
    if (hasMemory) entry(memoryExport, ExternKind.memory, 0);
    if (startFunction !== undefined) {
      entry(startExport, ExternKind.func, layout.reference(startFunction));
    }
  }

  /**
   * Behind the original segments, one that declares what only code takes references of: the original
   * declared it by an export, which now hands out another function.
   */
  private elements(): void {
    const { module } = this.admitted;
    const section = this.find(SectionId.element);
    const inCodeOnly = this.facts.referencedByCode;
    if (inCodeOnly.length === 0 && section === undefined) return;
    const out = this.contents;
    const reader = new ByteReader(module.bytes, section?.contentStart, section?.end);
    const segments = section === undefined ? 0 : reader.u32();
    out.u32(segments + (inCodeOnly.length > 0 ? 1 : 0));
    if (section !== undefined) this.copyWithReferences(out, reader.offset, section.end);
    if (inCodeOnly.length === 0) return;
    out.byte(3); // Declarative, by function index.
    out.byte(0);
    out.u32(inCodeOnly.length);
    for (const index of inCodeOnly) out.u32(this.layout.tableReference(index));
  }

  /** Copies `[from, to)` with every function index in it replaced by what may be handed out. */
  private copyWithReferences(out: ByteWriter, from: number, to: number): void {
    const { bytes, functionUses } = this.admitted.module;
    let at = from;
    for (let i = 0; i < functionUses.length; i++) {
      const use = functionUses[i] as FunctionUse;
      if (use.start < from || use.start >= to) continue;
      out.copy(bytes, at, use.start);
      out.u32(this.layout.tableReference(use.functionIndex));
      at = use.end;
    }
    out.copy(bytes, at, to);
  }

  /** Custom sections stay, but for those whose offsets the rewrite made wrong. */
  private custom(out: ByteWriter, section: Section): void {
    if (section.id !== SectionId.custom) return;
    const { name } = section;
    const stale =
      name === "sourceMappingURL" ||
      name === "external_debug_info" ||
      name.startsWith(".debug_") ||
      name.startsWith("reloc.") ||
      name === "linking" ||
      name.startsWith("metadata.code.") ||
      name.startsWith(reservedPrefix);
    if (stale) return;
    const { bytes } = this.admitted.module;
    if (name !== "name") {
      out.copy(bytes, section.start, section.end);
      return;
    }
    const content = rewriteNames(bytes, section.dataStart, section.end, {
      function: (index) => this.layout.function(index),
      local: (index, local) => this.placeOfLocal(index, local),
      added: [{ index: this.layout.refill, name: `${meterModule}.${refillName}` }],
    });
    if (content !== undefined) out.section(SectionId.custom, content);
  }

  /** Where a local is in the metered function. */
  private placeOfLocal(functionIndex: number, local: number): number {
    const { module } = this.admitted;
    const f = functionIndex - module.importedFunctionCount;
    const body = module.bodies[f];
    if (body === undefined) return local;
    const type = module.types[module.functionTypes[functionIndex] as number] as FuncType;
    return movedLocal(this.facts, f, type.params.length, body.localCount, local);
  }
}

function claimOf(convention: number, deep: boolean): number {
  if (convention === Convention.threaded) return deep ? Claim.threadedDeep : Claim.threaded;
  if (convention === Convention.shared) return deep ? Claim.sharedDeep : Claim.shared;
  return Claim.none;
}
