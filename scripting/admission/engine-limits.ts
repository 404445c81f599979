import { AdmissionError } from "../errors.ts";
import { SectionId, type WasmModule } from "../wasm/module.ts";

/** Longest function body that engines take, in bytes; they have agreed on this figure. */
export const engineFunctionBytes = 7_654_321;

/** What engines allow of each, less what metering adds: a module past one would no longer compile. */
const room = {
  /** Engines take 1,000,000; a function's type may be wanted with fuel, with fuel and depth, and as results. */
  types: 240_000,
  /** 1,000,000; a function may be wanted with a thunk. */
  functions: 490_000,
  /** 100,000 at the least; `refill` comes to the imports, three names and a price for each import to the exports. */
  imports: 49_000,
  exports: 50_000,
  /** 1,000,000; three come, and a price for each import. */
  globals: 900_000,
  /** 1,000; fuel and depth. */
  params: 998,
  /** 1,000; fuel. */
  results: 999,
  /** 50,000, parameters included; fuel, depth and a scratch one. */
  locals: 49_997,
} as const;

/**
 * Refuses a module that engines take, but not once it is metered.
 * @throws AdmissionError `too-large`.
 */
export function checkRoom(module: WasmModule): void {
  const at = (section: number): number => module.sections.find((s) => s.id === section)?.start ?? 0;
  const check = (what: keyof typeof room, count: number, offset: number): void => {
    if (count <= room[what]) return;
    throw new AdmissionError(
      "too-large",
      offset,
      `${count} ${what}; metered modules may have up to ${room[what]}`,
    );
  };
  check("types", module.types.length, at(SectionId.type));
  check("functions", module.functionTypes.length, at(SectionId.function));
  check("imports", module.imports.length, at(SectionId.import));
  check("exports", module.exports.length, at(SectionId.export));
  check("globals", module.globals.length, at(SectionId.global));
  const typesAt = at(SectionId.type);
  for (const type of module.types) {
    check("params", type.params.length, typesAt);
    check("results", type.results.length, typesAt);
  }
  const { bodies, functionTypes, importedFunctionCount } = module;
  for (const [f, body] of bodies.entries()) {
    const type = module.types[functionTypes[f + importedFunctionCount] as number];
    check("locals", body.localCount + (type?.params.length ?? 0), body.start);
  }
}
