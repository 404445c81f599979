import type { AdmittedModule } from "../admission/admit.ts";
import { analyse } from "./analyse.ts";
import { Layout } from "./layout.ts";
import type { ProfiledLoop } from "./loop-profile.ts";
import type { OffsetMap } from "./offsets.ts";
import { BodyRewriter } from "./rewrite.ts";
import { SectionWriter } from "./sections.ts";
import { ThunkWriter } from "./thunks.ts";

const made = Symbol("metered");

/** A module that stops when its host says so. Only {@link meter} makes one. */
export interface MeteredModule {
  readonly [made]: true;
  readonly bytes: Uint8Array;
  /** From offsets in `bytes` to offsets in the admitted module. */
  readonly offsets: OffsetMap;
  readonly admitted: AdmittedModule;
  /** The loops whose turns are counted; empty unless that was asked for. */
  readonly loops: readonly ProfiledLoop[];
  /** Index in the metered module → index in the admitted one; undefined for the meter's own. */
  originalFunction(index: number): number | undefined;
}

export interface MeterOptions {
  /** Counts every loop's turns and fuel. For debugging: loops take several times as long. Default: false. */
  readonly profileLoops?: boolean;
}

/**
 * Rewrites a module so that it burns fuel, asks for more when a slice is used up, and stops when
 * none is given. One analysis and one pass over each body; what isn't touched is copied.
 */
export function meter(admitted: AdmittedModule, options: MeterOptions = {}): MeteredModule {
  const { module, code } = admitted;
  const { profileLoops = false } = options;
  const analysis = analyse(module, code, !profileLoops);
  const layout = new Layout(module, analysis.facts, profileLoops);
  const rewriter = new BodyRewriter(module, code, analysis, layout);
  for (let f = 0; f < module.bodies.length; f++) rewriter.write(f);

  const sections = new SectionWriter(admitted, layout, analysis.facts);
  // These hand out thunks, so they come before the thunks are written.
  sections.prepare();
  const thunks = new ThunkWriter(module, analysis.facts, layout, rewriter.code, rewriter.offsets);
  thunks.writeOwnFunctions();
  for (const thunk of layout.thunks) thunks.writeThunk(thunk);

  const { bytes, codeStart } = sections.assemble(rewriter.code);
  const imported = module.importedFunctionCount;
  return {
    [made]: true,
    bytes,
    offsets: rewriter.offsets.finish(codeStart),
    admitted,
    loops: layout.profile?.loops ?? [],
    originalFunction: (index) => {
      if (index < imported) return index;
      return index > imported && index <= module.functionTypes.length ? index - 1 : undefined;
    },
  };
}
