import { checkValType, InstructionCursor, isRefType } from "./instructions.ts";
import {
  type Body,
  type Export,
  ExternKind,
  type FuncType,
  type FunctionUse,
  type GlobalType,
  type Import,
  type Section,
  SectionId,
  type SizeLimits,
  type TableType,
  type WasmModule,
} from "./module.ts";
import { Op, ValType } from "./op.ts";
import { ByteReader, WasmFormatError } from "./reader.ts";

/** Bounds on counts, as engines have them; a count above one is refused before it is allocated. */
const maxLocals = 50_000;
const maxTypes = 1_000_000;
const maxSignature = 1_000;

/** Where each section may stand; element 12 (data count) comes between element and code. */
const sectionOrder = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6];

/**
 * Parses a module's sections; bodies are located, not read. Refuses everything outside the allowed
 * features with the proposal's name.
 * @param maxSections how many it may have, custom ones included.
 * @throws WasmFormatError with the offset.
 */
export function parseModule(bytes: Uint8Array, maxSections = Infinity): WasmModule {
  return new ModuleParser(bytes, maxSections).parse();
}

class ModuleParser {
  private readonly r: ByteReader;
  private readonly cursor: InstructionCursor;
  private readonly sections: Section[] = [];
  private readonly types: FuncType[] = [];
  private readonly imports: Import[] = [];
  private readonly exports: Export[] = [];
  private readonly functionTypes: number[] = [];
  private importedFunctionCount = 0;
  private readonly bodies: Body[] = [];
  private readonly tables: TableType[] = [];
  private importedTableCount = 0;
  private readonly memories: SizeLimits[] = [];
  private importedMemoryCount = 0;
  private readonly globals: GlobalType[] = [];
  private importedGlobalCount = 0;
  private startFunction: number | undefined;
  private readonly functionUses: FunctionUse[] = [];
  private dataCount: number | undefined;
  private dataSegmentCount = 0;
  private activeElementCount = 0;
  private hasVectors = false;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly maxSections: number,
  ) {
    this.r = new ByteReader(bytes);
    this.cursor = new InstructionCursor(bytes);
  }

  parse(): WasmModule {
    const r = this.r;
    const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    for (const [i, b] of magic.entries()) {
      if (r.bytes[i] !== b) {
        r.fail(i < 4 ? "not a WebAssembly module" : "not WebAssembly version 1", i);
      }
    }
    r.skip(8);
    let order = 0;
    while (r.offset < this.bytes.length) {
      const start = r.offset;
      if (this.sections.length === this.maxSections) {
        const most = this.maxSections;
        throw new WasmFormatError(start, `more sections than the ${most} it may have`, "limit");
      }
      const id = r.byte();
      const size = r.u32();
      const contentStart = r.offset;
      if (size > this.bytes.length - contentStart)
        r.fail("section is longer than the module", start);
      const end = contentStart + size;
      r.end = end;
      let name = "";
      let dataStart = contentStart;
      if (id === SectionId.custom) {
        name = r.name();
        dataStart = r.offset;
        r.offset = end;
      } else {
        const rank = sectionOrder[id];
        if (rank === undefined)
          throw new WasmFormatError(start, `unknown section ${id}`, "unknown");
        if (id === SectionId.tag) {
          throw new WasmFormatError(start, "exceptions tag section", "denied");
        }
        if (rank <= order) r.fail(`section ${id} stands twice or out of order`, start);
        order = rank;
        this.section(id);
        if (r.offset !== end) r.fail(`section ${id} has bytes left over`);
      }
      this.sections.push({ id, name, start, contentStart, dataStart, end });
      r.end = this.bytes.length;
    }
    const defined = this.functionTypes.length - this.importedFunctionCount;
    if (defined !== this.bodies.length) {
      r.fail(`${defined} functions are declared, ${this.bodies.length} have a body`);
    }
    return {
      bytes: this.bytes,
      sections: this.sections,
      types: this.types,
      imports: this.imports,
      exports: this.exports,
      functionTypes: this.functionTypes,
      importedFunctionCount: this.importedFunctionCount,
      bodies: this.bodies,
      tables: this.tables,
      importedTableCount: this.importedTableCount,
      memories: this.memories,
      importedMemoryCount: this.importedMemoryCount,
      globals: this.globals,
      importedGlobalCount: this.importedGlobalCount,
      startFunction: this.startFunction,
      functionUses: this.functionUses,
      dataCount: this.dataCount,
      dataSegmentCount: this.dataSegmentCount,
      activeElementCount: this.activeElementCount,
      hasVectors: this.hasVectors,
    };
  }

  private section(id: number): void {
    switch (id) {
      case SectionId.type:
        this.each(() => this.types.push(this.funcType()));
        break;
      case SectionId.import:
        this.each(() => this.import());
        break;
      case SectionId.function:
        this.each(() => this.functionTypes.push(this.typeIndex()));
        break;
      case SectionId.table:
        this.each(() => this.tables.push(this.tableType()));
        break;
      case SectionId.memory:
        this.each(() => this.memory());
        break;
      case SectionId.global:
        this.each(() => {
          this.globals.push(this.globalType());
          this.initialiser();
        });
        break;
      case SectionId.export:
        this.each(() => this.export());
        break;
      case SectionId.start:
        this.startFunction = this.r.u32();
        this.checkFunction(this.startFunction);
        break;
      case SectionId.element:
        this.each(() => this.element());
        break;
      case SectionId.dataCount:
        this.dataCount = this.r.u32();
        break;
      case SectionId.code:
        this.each(() => this.body());
        break;
      case SectionId.data:
        this.each(() => this.data());
        break;
    }
  }

  private each(item: () => void): void {
    for (let left = this.r.u32(); left > 0; left--) item();
  }

  private funcType(): FuncType {
    const at = this.r.offset;
    const form = this.r.byte();
    if (form !== 0x60) {
      const gc = form === 0x5e || form === 0x5f || (form >= 0x4d && form <= 0x50);
      if (form === 0x5d) throw new WasmFormatError(at, "stack switching type", "denied");
      if (gc) throw new WasmFormatError(at, "GC type", "denied");
      throw new WasmFormatError(at, `unknown type form 0x${form.toString(16)}`, "unknown");
    }
    if (this.types.length >= maxTypes) this.r.fail("too many types", at);
    return { params: this.valTypes(), results: this.valTypes() };
  }

  private valTypes(): number[] {
    const at = this.r.offset;
    const count = this.r.u32();
    if (count > maxSignature) this.r.fail(`${count} values in a signature`, at);
    const types: number[] = [];
    for (let i = 0; i < count; i++) types.push(this.valType());
    return types;
  }

  private valType(): number {
    const at = this.r.offset;
    const type = this.r.byte();
    checkValType(type, at);
    if (type === ValType.v128) this.hasVectors = true;
    return type;
  }

  private typeIndex(): number {
    const at = this.r.offset;
    const index = this.r.u32();
    if (index >= this.types.length) this.r.fail(`no type ${index}`, at);
    return index;
  }

  private import(): void {
    const offset = this.r.offset;
    const module = this.r.name();
    const name = this.r.name();
    const kind = this.r.byte();
    switch (kind) {
      case ExternKind.func: {
        const typeIndex = this.typeIndex();
        this.functionTypes.push(typeIndex);
        this.importedFunctionCount++;
        this.imports.push({ module, name, offset, kind, typeIndex });
        return;
      }
      case ExternKind.table: {
        const table = this.tableType();
        this.tables.push(table);
        this.importedTableCount++;
        this.imports.push({ module, name, offset, kind, table });
        return;
      }
      case ExternKind.memory: {
        const memory = this.memory();
        this.importedMemoryCount++;
        this.imports.push({ module, name, offset, kind, memory });
        return;
      }
      case ExternKind.global: {
        const global = this.globalType();
        this.globals.push(global);
        this.importedGlobalCount++;
        this.imports.push({ module, name, offset, kind, global });
        return;
      }
      case 4:
        throw new WasmFormatError(offset, "exceptions tag import", "denied");
      default:
        throw new WasmFormatError(offset, `unknown import kind ${kind}`, "unknown");
    }
  }

  private sizeLimits(what: string): SizeLimits {
    const at = this.r.offset;
    const flags = this.r.byte();
    if (flags >= 8) throw new WasmFormatError(at, `unknown ${what} flags ${flags}`, "unknown");
    if ((flags & 4) !== 0) throw new WasmFormatError(at, `memory64 ${what}`, "denied");
    if ((flags & 2) !== 0) throw new WasmFormatError(at, `threads: shared ${what}`, "denied");
    const min = this.r.u32();
    return { min, max: (flags & 1) !== 0 ? this.r.u32() : undefined };
  }

  private tableType(): TableType {
    const at = this.r.offset;
    const refType = this.r.byte();
    if (refType === 0x40) {
      throw new WasmFormatError(at, "function-references table initialiser", "denied");
    }
    if (!isRefType(refType)) {
      checkValType(refType, at);
      this.r.fail("table of a type that is no reference", at);
    }
    return { refType, ...this.sizeLimits("table") };
  }

  private memory(): SizeLimits {
    const at = this.r.offset;
    if (this.memories.length > 0) throw new WasmFormatError(at, "multi-memory", "denied");
    const limits = this.sizeLimits("memory");
    this.memories.push(limits);
    return limits;
  }

  private globalType(): GlobalType {
    const valType = this.valType();
    const at = this.r.offset;
    const mutability = this.r.byte();
    if (mutability === 2 || mutability === 3) {
      throw new WasmFormatError(at, "threads: shared global", "denied");
    }
    if (mutability > 1) throw new WasmFormatError(at, "unknown global flags", "unknown");
    return { valType, mutable: mutability === 1 };
  }

  /** A constant expression; remembers the functions it refers to. */
  private initialiser(): void {
    const cursor = this.cursor;
    cursor.seek(this.r.offset, this.r.end);
    for (;;) {
      cursor.next();
      if (cursor.op === Op.end) break;
      if (cursor.op === Op.refFunc) {
        this.checkFunction(cursor.a);
        this.functionUses.push({
          start: cursor.start + 1,
          end: cursor.end,
          functionIndex: cursor.a,
        });
      }
    }
    this.r.offset = cursor.end;
  }

  private checkFunction(index: number): void {
    if (index >= this.functionTypes.length) this.r.fail(`no function ${index}`);
  }

  private export(): void {
    const offset = this.r.offset;
    const name = this.r.name();
    const kind = this.r.byte();
    const index = this.r.u32();
    if (kind === 4) throw new WasmFormatError(offset, "exceptions tag export", "denied");
    if (kind > 4) throw new WasmFormatError(offset, `unknown export kind ${kind}`, "unknown");
    if (kind === ExternKind.func) this.checkFunction(index);
    this.exports.push({ name, kind, index, offset });
  }

  private element(): void {
    const at = this.r.offset;
    const flags = this.r.u32();
    if (flags > 7) throw new WasmFormatError(at, `unknown element flags ${flags}`, "unknown");
    const active = (flags & 1) === 0;
    if (active && (flags & 2) !== 0) this.r.u32();
    if (active) this.initialiser();
    const expressions = (flags & 4) !== 0;
    if ((flags & 3) !== 0) {
      if (expressions) this.valType();
      else if (this.r.byte() !== 0) this.r.fail("unknown element kind");
    }
    this.each(() => {
      if (active) this.activeElementCount++;
      if (expressions) {
        this.initialiser();
        return;
      }
      const start = this.r.offset;
      const functionIndex = this.r.u32();
      this.checkFunction(functionIndex);
      this.functionUses.push({ start, end: this.r.offset, functionIndex });
    });
  }

  private body(): void {
    const r = this.r;
    const sizeAt = r.offset;
    const size = r.u32();
    const start = r.offset;
    const end = start + size;
    if (end > r.end) r.fail("function body is longer than its section", sizeAt);
    let localCount = 0;
    for (let runs = r.u32(); runs > 0; runs--) {
      localCount += r.u32();
      if (localCount > maxLocals) {
        throw new WasmFormatError(start, `more than ${maxLocals} locals`, "limit");
      }
      this.valType();
    }
    this.bodies.push({ start, end, codeStart: r.offset, localCount });
    if (r.offset >= end) r.fail("function body without an end", start);
    r.offset = end;
  }

  private data(): void {
    const at = this.r.offset;
    this.dataSegmentCount++;
    const flags = this.r.u32();
    if (flags > 2) throw new WasmFormatError(at, `unknown data flags ${flags}`, "unknown");
    if (flags === 2 && this.r.u32() !== 0) throw new WasmFormatError(at, "multi-memory", "denied");
    if (flags !== 1) this.initialiser();
    this.r.skip(this.r.u32());
  }
}
