import { type AdmittedModule, limitPages } from "../admission/admit.ts";
import {
  type Export,
  ExternKind,
  type FuncType,
  type Import,
  type Section,
  SectionId,
  type SizeLimits,
} from "../wasm/module.ts";
import { rewriteNames } from "../wasm/names.ts";
import { Op, ValType } from "../wasm/opcodes.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { Convention, type FunctionFacts } from "./facts.ts";
import type { Layout } from "./layout.ts";
import { MeterLocals } from "./locals.ts";
import {
  beginExport,
  Claim,
  claimsCounted,
  claimsSection,
  depthExport,
  fuelExport,
  memoryExport,
  meterModule,
  orderSection,
  priceExport,
  refillName,
  remainingExport,
  reservedPrefix,
  startExport,
  stopExport,
} from "./protocol.ts";

/** Sections in the order the format wants them. */
const sectionSequence = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** Functions of the meter's own in front of the thunks: `begin` and `remaining`. */
const ownFunctions = 2;

/** Writes a metered module's sections around its code. */
export class SectionWriter {
  private readonly admitted: AdmittedModule;
  private readonly layout: Layout;
  private readonly facts: FunctionFacts;
  private readonly prepared = new Map<number, ByteWriter>();
  private readonly locals = new MeterLocals();

  constructor(admitted: AdmittedModule, layout: Layout, facts: FunctionFacts) {
    this.admitted = admitted;
    this.layout = layout;
    this.facts = facts;
  }

  /** Writes the sections that refer to functions from outside of code. */
  prepare(): void {
    this.prepared.set(SectionId.global, this.globals());
    this.prepared.set(SectionId.export, this.exports());
    const elements = this.elements();
    if (elements !== undefined) this.prepared.set(SectionId.element, elements);
  }

  /** The whole module, and where its code section's bodies begin. */
  assemble(code: ByteWriter): { bytes: Uint8Array; codeStart: number } {
    const { module } = this.admitted;
    // Everything but the bodies, which are put between once all lengths are known.
    const codeBytes = this.find(SectionId.code);
    const rest =
      module.bytes.length - (codeBytes === undefined ? 0 : codeBytes.end - codeBytes.start);
    const out = new ByteWriter(rest + 8 * module.bodies.length + 1024);
    out.copy(module.bytes, 0, 8);
    this.prepared.set(SectionId.import, this.imports());
    // Before the types, for it asks for new ones.
    this.prepared.set(SectionId.function, this.functions());
    this.prepared.set(SectionId.type, this.types());
    let codeStart = 0;
    let next = 0;
    for (const id of sectionSequence) {
      const original = module.sections.findIndex((s, i) => i >= next && s.id === id);
      if (original >= 0) {
        for (; next < original; next++) this.custom(out, module.sections[next] as Section);
        next = original + 1;
      }
      const content = this.content(id, original >= 0);
      if (id === SectionId.code) {
        const hints = this.layout.hints.content();
        if (hints !== undefined) out.section(SectionId.custom, hints);
        const header = new ByteWriter(8);
        header.u32(module.bodies.length + ownFunctions + this.layout.thunks.length);
        out.byte(id);
        out.u32(header.length + code.length);
        out.append(header);
        codeStart = out.length;
      } else if (content instanceof ByteWriter) out.section(id, content);
      else if (content !== undefined) out.copy(module.bytes, content.start, content.end);
    }
    for (; next < module.sections.length; next++) {
      this.custom(out, module.sections[next] as Section);
    }
    this.writeClaims(out);
    const bytes = new Uint8Array(out.length + code.length);
    bytes.set(out.bytes.subarray(0, codeStart));
    bytes.set(code.view(), codeStart);
    bytes.set(out.bytes.subarray(codeStart, out.length), codeStart + code.length);
    return { bytes, codeStart };
  }

  private writeClaims(out: ByteWriter): void {
    const content = new ByteWriter();
    content.name(claimsSection);
    const { convention, deep, counted } = this.facts;
    for (const [f, c] of convention.entries()) {
      content.byte(claimOf(c, deep[f] === 1) + (counted[f] === 1 ? claimsCounted : 0));
    }
    content.byte(Claim.none); // begin
    content.byte(Claim.none); // remaining
    for (const { kind, deep } of this.layout.thunks) {
      if (kind === "outside") content.byte(Claim.none);
      else content.byte(deep ? Claim.threadedDeep : Claim.threaded);
    }
    out.section(SectionId.custom, content);
    this.writeOrder(out);
  }

  /** The order in which the verifier can go, see `orderSection`. */
  private writeOrder(out: ByteWriter): void {
    const content = new ByteWriter();
    content.name(orderSection);
    const { facts, layout } = this;
    const imported = this.admitted.module.importedFunctionCount;
    const functions = this.admitted.module.bodies.length;
    const alone = (f: number): void => content.u32(f * 2 + 1);
    for (let own = 0; own < ownFunctions; own++) alone(functions + own);
    const thunksOf = new Map<number, number[]>();
    for (const [i, { original }] of layout.thunks.entries()) {
      const thunk = functions + ownFunctions + i;
      const f = original - imported;
      if (f < 0) alone(thunk);
      else if (thunksOf.get(f)?.push(thunk) === undefined) thunksOf.set(f, [thunk]);
    }
    const { order, component, recursive } = facts.graph;
    for (let first = 0, end = 0; first < order.length; first = end) {
      const c = component[order[first] as number];
      while (end < order.length && component[order[end] as number] === c) end++;
      const f = order[first] as number;
      if (recursive[f] === 0) {
        alone(f);
        for (const thunk of thunksOf.get(f) ?? []) alone(thunk);
        continue;
      }
      // In a cycle through a table, thunks are called by what they call, which is counted.
      const group = order.subarray(first, end);
      const thunks = [...group].flatMap((member) => thunksOf.get(member) ?? []);
      for (const [i, member] of [...thunks, ...group].entries()) {
        content.u32(member * 2 + (i === 0 ? 1 : 0));
      }
    }
    out.section(SectionId.custom, content);
  }

  private find(id: number): Section | undefined {
    return this.admitted.module.sections.find((s) => s.id === id);
  }

  private content(id: number, exists: boolean): ByteWriter | Section | undefined {
    if (id === SectionId.start || id === SectionId.code) return undefined;
    const prepared = this.prepared.get(id);
    if (prepared !== undefined) return prepared;
    if (!exists) return undefined;
    if (id === SectionId.table) return this.tables();
    if (id === SectionId.memory) return this.memories();
    return this.find(id);
  }

  private types(): ByteWriter {
    const { module } = this.admitted;
    const section = this.find(SectionId.type);
    const out = new ByteWriter();
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
    return out;
  }

  private imports(): ByteWriter {
    const { module } = this.admitted;
    const out = new ByteWriter();
    out.u32(module.imports.length + 1);
    for (const i of module.imports) this.importEntry(out, i);
    out.name(meterModule);
    out.name(refillName);
    out.byte(ExternKind.func);
    out.u32(this.layout.refillType);
    return out;
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

  private functions(): ByteWriter {
    const { bodies } = this.admitted.module;
    const out = new ByteWriter();
    out.u32(bodies.length + ownFunctions + this.layout.thunks.length);
    for (let f = 0; f < bodies.length; f++) out.u32(this.layout.definedType(f));
    out.u32(this.layout.beginType);
    out.u32(this.layout.remainingType);
    for (const thunk of this.layout.thunks) out.u32(thunk.type);
    return out;
  }

  private tables(): ByteWriter {
    const { module, limits } = this.admitted;
    const out = new ByteWriter();
    const defined = module.tables.slice(module.importedTableCount);
    out.u32(defined.length);
    for (const table of defined) {
      out.byte(table.refType);
      this.sizes(out, table, limits.tableElements);
    }
    return out;
  }

  private memories(): ByteWriter {
    const { module, limits } = this.admitted;
    const out = new ByteWriter();
    const defined = module.memories.slice(module.importedMemoryCount);
    out.u32(defined.length);
    for (const memory of defined) this.sizes(out, memory, limitPages(limits));
    return out;
  }

  private globals(): ByteWriter {
    const { module } = this.admitted;
    const section = this.find(SectionId.global);
    const out = new ByteWriter();
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
    return out;
  }

  private exports(): ByteWriter {
    const { module } = this.admitted;
    const { layout } = this;
    const entries: Pick<Export, "name" | "kind" | "index">[] = module.exports.map((e) =>
      e.kind === ExternKind.func
        ? { name: e.name, kind: e.kind, index: layout.reference(e.index) }
        : e,
    );
    const global = (name: string, index: number): void => {
      entries.push({ name, kind: ExternKind.global, index });
    };
    global(fuelExport, layout.fuelGlobal);
    global(depthExport, layout.depthGlobal);
    global(stopExport, layout.stopGlobal);
    for (let i = 0; i < module.importedFunctionCount; i++)
      global(priceExport(i), layout.priceGlobal(i));
    for (const [name, index] of layout.profile?.exports() ?? []) global(name, index);
    entries.push({ name: beginExport, kind: ExternKind.func, index: layout.begin });
    entries.push({ name: remainingExport, kind: ExternKind.func, index: layout.begin + 1 });
    if (module.memories.length > 0) {
      entries.push({ name: memoryExport, kind: ExternKind.memory, index: 0 });
    }
    if (module.startFunction !== undefined) {
      const index = layout.reference(module.startFunction);
      entries.push({ name: startExport, kind: ExternKind.func, index });
    }
    const out = new ByteWriter();
    out.u32(entries.length);
    for (const entry of entries) {
      out.name(entry.name);
      out.byte(entry.kind);
      out.u32(entry.index);
    }
    return out;
  }

  /**
   * Behind the original segments, one that declares what only code takes references of: the original
   * declared it by an export, which now hands out another function.
   */
  private elements(): ByteWriter | undefined {
    const { module, code } = this.admitted;
    const section = this.find(SectionId.element);
    const declared = new Set(module.functionUses.map((use) => use.functionIndex));
    const inCodeOnly = [...code.referenced].filter((index) => !declared.has(index));
    if (inCodeOnly.length === 0 && section === undefined) return undefined;
    const out = new ByteWriter();
    const reader = new ByteReader(module.bytes, section?.contentStart, section?.end);
    const segments = section === undefined ? 0 : reader.u32();
    out.u32(segments + (inCodeOnly.length > 0 ? 1 : 0));
    if (section !== undefined) this.copyWithReferences(out, reader.offset, section.end);
    if (inCodeOnly.length === 0) return out;
    out.byte(3); // Declarative, by function index.
    out.byte(0);
    out.u32(inCodeOnly.length);
    for (const index of inCodeOnly) out.u32(this.layout.tableReference(index));
    return out;
  }

  /** Copies `[from, to)` with every function index in it replaced by what may be handed out. */
  private copyWithReferences(out: ByteWriter, from: number, to: number): void {
    const { bytes, functionUses } = this.admitted.module;
    let at = from;
    for (const use of functionUses) {
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
      local: (index, local) => this.movedLocal(index, local),
      added: [{ index: this.layout.refill, name: `${meterModule}.${refillName}` }],
    });
    if (content !== undefined) out.section(SectionId.custom, content);
  }

  /** Where a local is in the metered function. */
  private movedLocal(functionIndex: number, local: number): number {
    const { module } = this.admitted;
    const f = functionIndex - module.importedFunctionCount;
    const body = module.bodies[f];
    if (body === undefined) return local;
    const type = module.types[module.functionTypes[functionIndex] as number] as FuncType;
    this.locals.place(this.facts, f, type, body);
    return this.locals.indexOf(local);
  }
}

function claimOf(convention: number, deep: boolean): number {
  if (convention === Convention.threaded) return deep ? Claim.threadedDeep : Claim.threaded;
  if (convention === Convention.shared) return deep ? Claim.sharedDeep : Claim.shared;
  return Claim.none;
}
