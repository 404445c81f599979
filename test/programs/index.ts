import { asSha256 } from "./as-sha256.ts";
import { binaryen } from "./binaryen.ts";
import { comrak } from "./comrak.ts";
import { esModuleLexer } from "./es-module-lexer.ts";
import { gofmt } from "./gofmt.ts";
import type { Program } from "./program.ts";
import { quickJs } from "./quickjs.ts";
import { sourceMap } from "./source-map.ts";
import { squooshPng } from "./squoosh-png.ts";
import { wabt } from "./wabt.ts";
import { zigFmt } from "./zig-fmt.ts";

/** Programs of many compilers and languages, smallest first. */
export const programs: readonly Program[] = [
  esModuleLexer,
  asSha256,
  sourceMap,
  zigFmt,
  squooshPng,
  gofmt,
  quickJs,
  comrak,
  wabt,
  binaryen,
];
