import { facts } from "./facts.as";
import { hints } from "./hints.as";
import { input } from "./input.as";
import { layout } from "./layout.as";
import { profile } from "./loop-profile.as";
import { offsets } from "./offsets.as";
import { out } from "./output.as";
import { rewriter } from "./rewrite.as";

// What the host calls, once the analysis is over, and where it finds what that made.

/**
 * Writes the bodies of all defined functions. The numbers are those of the host's layout;
 * `firstProfileGlobal` is -1 when loops aren't counted.
 */
export function rewrite(
  refill: i32,
  fuelGlobal: i32,
  depthGlobal: i32,
  stopGlobal: i32,
  firstPriceGlobal: i32,
  firstProfileGlobal: i32,
  threadsTables: bool,
): void {
  facts.threadsTables = threadsTables;
  layout.begin(refill, fuelGlobal, depthGlobal, stopGlobal, firstPriceGlobal);
  profile.begin(firstProfileGlobal);
  rewriter.begin();
  for (let f = 0; f < input.bodyCount; f++) rewriter.write(f);
  offsets.finish();
}

/** Address and length of the code section's bodies, sizes included. */
export function codeAddress(): usize {
  return out.bytes;
}
export function codeLength(): i32 {
  return out.length;
}

/** Address and length of the offset map's runs, and where the last one begins. */
export function runsAddress(): usize {
  return offsets.address;
}
export function runsLength(): i32 {
  return offsets.length;
}
export function runsEnd(): i32 {
  return offsets.end;
}

/** Address and length of the hints of all functions, and how many functions have any. */
export function hintsAddress(): usize {
  return hints.written.bytes;
}
export function hintsLength(): i32 {
  return hints.written.length;
}
export function hintedFunctions(): i32 {
  return hints.functions;
}

/** Address of the counted loops: pairs of i32, function index and offset; and how many pairs. */
export function loopsAddress(): usize {
  return changetype<usize>(profile.loops.values);
}
export function loopCount(): i32 {
  return profile.loops.length >> 1;
}
