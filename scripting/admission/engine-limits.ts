import { AdmissionError } from "../errors.ts";
import { type Body, SectionId, type WasmModule } from "../wasm/module.ts";

/**
 * What a module may have of each. Where engines allow as much, metering would take it past what they
 * allow; where this is far less, it is because of what more would cost outside of any budget.
 */
const room = {
  /** Each is kept, with its name; a megabyte holds 350,000 of them. Compilers write some twenty. */
  sections: 1_000,
  /** V8 compares each with all that it has seen since it was started. Three may come of each. */
  types: 1_000,
  /** Engines take 1,000,000, and each may be wanted with a thunk. Compilers' largest have 20,000. */
  functions: 100_000,
  /** Each that can't be linked is reported, with what is near. */
  imports: 1_000,
  /** Instantiated one by one, which every restart waits for: a microsecond or two for each. */
  exports: 10_000,
  globals: 10_000,
  tables: 16,
  "data segments": 10_000,
  /** Engines take 1,000; fuel and depth. */
  params: 998,
  /** 1,000; fuel. */
  results: 999,
  /** 50,000, parameters included; fuel, depth and a scratch one. */
  locals: 49_997,
} as const;

/** Sections that a module may have; reading ends there. */
export const maxSections = room.sections;

/**
 * Refuses a module that has too many of anything, apart from what its limits say of sizes.
 * @throws AdmissionError `too-large`.
 */
export function checkRoom(module: WasmModule): void {
  const at = (section: number): number => module.sections.find((s) => s.id === section)?.start ?? 0;
  const check = (what: keyof typeof room, count: number, offset: number): void => {
    if (count <= room[what]) return;
    throw new AdmissionError(
      "too-large",
      offset,
      `${count} ${what}; a module may have up to ${room[what]}`,
    );
  };
  check("types", module.types.length, at(SectionId.type));
  check("functions", module.functionTypes.length, at(SectionId.function));
  check("imports", module.imports.length, at(SectionId.import));
  check("exports", module.exports.length, at(SectionId.export));
  check("globals", module.globals.length, at(SectionId.global));
  check("tables", module.tables.length, at(SectionId.table));
  check("data segments", module.dataSegmentCount, at(SectionId.data));
  const typesAt = at(SectionId.type);
  for (const type of module.types) {
    check("params", type.params.length, typesAt);
    check("results", type.results.length, typesAt);
  }
  const { bodies, functionTypes, importedFunctionCount } = module;
  for (let f = 0; f < bodies.length; f++) {
    const body = bodies[f] as Body;
    const type = module.types[functionTypes[f + importedFunctionCount] as number];
    check("locals", body.localCount + (type?.params.length ?? 0), body.start);
  }
}
