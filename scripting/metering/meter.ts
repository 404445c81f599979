import { type AdmittedModule, limitPages } from "../admission/admit.ts";
import {
  type Export,
  ExternKind,
  type Import,
  type Section,
  SectionId,
  type SizeLimits,
} from "../wasm/module.ts";
import { rewriteNames } from "../wasm/names.ts";
import { Op, ValType } from "../wasm/opcodes.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { analyse } from "./analyse.ts";
import { Convention } from "./facts.ts";
import { Layout } from "./layout.ts";
import type { OffsetMap } from "./offsets.ts";
import {
  beginExport,
  Claim,
  claimsSection,
  depthExport,
  fuelExport,
  memoryExport,
  meterModule,
  priceExport,
  refillName,
  remainingExport,
  reservedPrefix,
  startExport,
  stopExport,
} from "./protocol.ts";
import { BodyRewriter } from "./rewrite.ts";

const made = Symbol("metered");

/** A module that stops when its host says so. Only {@link meter} makes one. */
export interface MeteredModule {
  readonly [made]: true;
  readonly bytes: Uint8Array;
  /** From offsets in `bytes` to offsets in the admitted module. */
  readonly offsets: OffsetMap;
  readonly admitted: AdmittedModule;
  /** Index in the metered module → index in the admitted one; undefined for the meter's own. */
  originalFunction(index: number): number | undefined;
}

/** Sections in the order the format wants them. */
const sectionSequence = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/**
 * Rewrites a module so that it burns fuel, asks for more when a slice is used up, and stops when
 * none is given. One analysis and one pass over each body; what isn't touched is copied.
 */
export function meter(admitted: AdmittedModule): MeteredModule {
  const { module, code } = admitted;
  const analysis = analyse(module, code);
  const layout = new Layout(module, analysis.facts);
  const rewriter = new BodyRewriter(module, analysis, layout);
  for (let f = 0; f < module.bodies.length; f++) rewriter.write(f);

  const writer = new SectionWriter(admitted, layout);
  // These hand out thunks, so they come before the thunks are written.
  writer.prepare();
  rewriter.writeOwnFunctions();
  for (const thunk of layout.thunks) rewriter.writeThunk(thunk);

  const functionCount = module.bodies.length + 2 + layout.thunks.length;
  const definedTypes = module.bodies.map((_, f) => layout.definedType(f));
  const { facts } = analysis;
  writer.claims = module.bodies.map((_, f) => claimOf(facts.convention[f], facts.deep[f]));
  const { out, codeStart } = writer.assemble(
    rewriter.code,
    functionCount,
    definedTypes,
    (index, local) => {
      const f = index - module.importedFunctionCount;
      if (f < 0 || facts.convention[f] !== Convention.threaded) return local;
      const type = module.types[module.functionTypes[index] as number];
      const shift = 1 + (facts.deep[f] as number);
      return local >= (type?.params.length ?? 0) ? local + shift : local;
    },
  );
  const imported = module.importedFunctionCount;
  return {
    [made]: true,
    bytes: out.view(),
    offsets: rewriter.offsets.finish(codeStart),
    admitted,
    originalFunction: (index) => {
      if (index < imported) return index;
      return index > imported && index <= module.functionTypes.length ? index - 1 : undefined;
    },
  };
}

function claimOf(convention: number | undefined, deep: number | undefined): number {
  if (convention === Convention.threaded) return deep === 1 ? Claim.threadedDeep : Claim.threaded;
  if (convention === Convention.shared) return deep === 1 ? Claim.sharedDeep : Claim.shared;
  return Claim.none;
}

class SectionWriter {
  claims: readonly number[] = [];
  private readonly admitted: AdmittedModule;
  private readonly layout: Layout;
  private readonly prepared = new Map<number, ByteWriter>();

  constructor(admitted: AdmittedModule, layout: Layout) {
    this.admitted = admitted;
    this.layout = layout;
  }

  /** Writes the sections that refer to functions from outside of code. */
  prepare(): void {
    this.prepared.set(SectionId.global, this.globals());
    this.prepared.set(SectionId.export, this.exports());
    const element = this.find(SectionId.element);
    if (element !== undefined) this.prepared.set(SectionId.element, this.withReferences(element));
  }

  assemble(
    code: ByteWriter,
    functionCount: number,
    definedTypes: readonly number[],
    local: (functionIndex: number, local: number) => number,
  ): { out: ByteWriter; codeStart: number } {
    const { module } = this.admitted;
    const out = new ByteWriter(code.length + module.bytes.length + 1024);
    out.copy(module.bytes, 0, 8);
    this.prepared.set(SectionId.import, this.imports());
    this.prepared.set(SectionId.function, this.functions(definedTypes));
    this.prepared.set(SectionId.type, this.types());
    let codeStart = 0;
    let next = 0;
    for (const id of sectionSequence) {
      const original = module.sections.findIndex((s, i) => i >= next && s.id === id);
      if (original >= 0) {
        for (; next < original; next++) this.custom(out, module.sections[next] as Section, local);
        next = original + 1;
      }
      const content = this.content(id, original >= 0);
      if (id === SectionId.code && functionCount > 0) {
        const header = new ByteWriter(8);
        header.u32(functionCount);
        out.byte(id);
        out.u32(header.length + code.length);
        out.append(header);
        codeStart = out.length;
        out.append(code);
      } else if (content instanceof ByteWriter) out.section(id, content);
      else if (content !== undefined) out.copy(module.bytes, content.start, content.end);
    }
    for (; next < module.sections.length; next++) {
      this.custom(out, module.sections[next] as Section, local);
    }
    this.writeClaims(out);
    return { out, codeStart };
  }

  private writeClaims(out: ByteWriter): void {
    const content = new ByteWriter();
    content.name(claimsSection);
    for (const claim of this.claims) content.byte(claim);
    content.byte(Claim.none); // begin
    content.byte(Claim.none); // remaining
    for (const { kind, deep } of this.layout.thunks) {
      if (kind === "outside") content.byte(Claim.none);
      else content.byte(deep ? Claim.threadedDeep : Claim.threaded);
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

  private functions(definedTypes: readonly number[]): ByteWriter {
    const out = new ByteWriter();
    out.u32(definedTypes.length + 2 + this.layout.thunks.length);
    for (const type of definedTypes) out.u32(type);
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
    out.u32(module.globals.length - module.importedGlobalCount + this.layout.addedGlobals);
    if (section !== undefined) {
      let at = section.contentStart;
      while ((module.bytes[at] as number) >= 0x80) at++;
      this.copyWithReferences(out, at + 1, section.end);
    }
    for (let i = 0; i < this.layout.addedGlobals; i++) {
      out.byte(ValType.i32);
      out.byte(1);
      out.byte(Op.i32Const);
      out.s32(0);
      out.byte(Op.end);
    }
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

  private withReferences(section: Section): ByteWriter {
    const out = new ByteWriter(section.end - section.contentStart + 16);
    this.copyWithReferences(out, section.contentStart, section.end);
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
  private custom(
    out: ByteWriter,
    section: Section,
    local: (functionIndex: number, local: number) => number,
  ): void {
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
    const contentStart = section.contentStart + nameLength(bytes, section.contentStart);
    const content = rewriteNames(bytes, contentStart, section.end, {
      function: (index) => this.layout.function(index),
      local,
      added: [{ index: this.layout.refill, name: `${meterModule}.${refillName}` }],
    });
    if (content !== undefined) out.section(SectionId.custom, content);
  }
}

/** Bytes that "name" takes as a custom section's name, for any valid encoding of its length. */
function nameLength(bytes: Uint8Array, start: number): number {
  let lebBytes = 1;
  while ((bytes[start + lebBytes - 1] as number) >= 0x80) lebBytes++;
  return lebBytes + 4;
}
