import { VerifyError } from "../../errors.ts";
import { InstructionCursor } from "../../wasm/instructions.ts";
import type { FuncType, WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";
import { Claim, claimsCounted, claimsSection } from "../protocol.ts";

/** How a function holds its fuel. */
export interface FuelHolder {
  /** The local that holds the fuel; -1 in a function without any. */
  readonly fuel: number;
  /** The local with the depth left; -1 for none. */
  readonly depth: number;
  /** Whether fuel comes in as a parameter and goes out as a result. */
  readonly threaded: boolean;
  /** Whether fuel and depth are checked before anything of the own group is called. */
  readonly counted: boolean;
}

/** A function without fuel of its own. */
export const noFuel: FuelHolder = { fuel: -1, depth: -1, threaded: false, counted: false };

/** What the metered module says of its functions; the code is then held against it. */
export function readClaims(module: WasmModule): FuelHolder[] {
  const section = module.sections.find((s) => s.name === claimsSection);
  const end = section?.end ?? 0;
  const start = end - module.bodies.length;
  if (section === undefined || start < section.dataStart) {
    throw new VerifyError(-1, 0, "the meter's claims are missing");
  }
  return module.bodies.map((body, f) => {
    const params = paramsOf(module, f);
    const byte = module.bytes[start + f] as number;
    const claim = byte & ~claimsCounted;
    const counted = byte !== claim;
    switch (claim) {
      case Claim.threaded:
        return { fuel: params - 1, depth: -1, threaded: true, counted };
      case Claim.threadedDeep:
        return { fuel: params - 2, depth: params - 1, threaded: true, counted };
      case Claim.shared:
      case Claim.sharedDeep: {
        // global.get fuel, local.set F, and for a deep one global.get depth, local.set D.
        const cursor = new InstructionCursor(module.bytes, body.codeStart, body.end);
        const locals: number[] = [];
        for (let i = 0; i < 4 && !cursor.done; i++) {
          cursor.next();
          if (i % 2 === 1) locals.push(cursor.op === Op.localSet ? cursor.a : -1);
        }
        const deep = claim === Claim.sharedDeep;
        const depth = deep ? (locals[1] ?? -1) : -1;
        return { fuel: locals[0] ?? -1, depth, threaded: false, counted };
      }
      default:
        return noFuel;
    }
  });
}

/** Number of a defined function's parameters. */
export function paramsOf(module: WasmModule, f: number): number {
  const type = module.functionTypes[f + module.importedFunctionCount] as number;
  return (module.types[type] as FuncType).params.length;
}
