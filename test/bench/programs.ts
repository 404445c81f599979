import { isDeepStrictEqual } from "node:util";
import { MeteredEngine } from "../programs/metered-engine.ts";
import type { Program } from "../programs/program.ts";
import { benchLoad } from "./load.ts";
import { alternate } from "./measure.ts";
import { producersOf } from "./producers.ts";

/** What metering costs a program that somebody else wrote. */
export interface ProgramResult {
  readonly name: string;
  readonly language: string;
  /** With versions, where the program's modules say them. */
  readonly compiler: string;
  /** Of all modules that it brings. */
  readonly bytes: number;
  /** Admission, metering and verification of them, warm. */
  readonly loadMs: number;
  /** Metered bytes over theirs. */
  readonly sizeRatio: number;
  /** Fuel of one run. */
  readonly fuel: number;
  readonly rawMs: number;
  readonly meteredMs: number;
  /** Metered time over raw time, medians; what its loader does in JavaScript is part of both. */
  readonly ratio: number;
}

/**
 * Times a program's work raw and metered, in turn.
 * @throws Error when they don't bring forth the same.
 */
export async function benchProgram(program: Program, rounds: number): Promise<ProgramResult> {
  const { name, language } = program;
  const raw = await program.start();
  const engine = new MeteredEngine();
  const metered = await engine.start(program.start);
  const atStart = engine.fuel;
  if (!isDeepStrictEqual(raw(), metered())) {
    throw new Error(`${name}: metered and raw disagree`);
  }
  const fuel = engine.fuel - atStart;
  const [rawMs, meteredMs] = alternate([raw, metered], rounds);

  const { modules } = engine;
  const bytes = total(modules.map((m) => m.bytes.length));
  const producers = new Set(modules.flatMap((m) => producersOf(m.bytes)));
  return {
    name,
    language,
    compiler: [...producers].join(", ") || program.compiler,
    bytes,
    loadMs: total(modules.map((m) => benchLoad({ name, bytes: m.bytes }).ms)),
    sizeRatio: total(modules.map((m) => m.metered.length)) / bytes,
    fuel,
    rawMs,
    meteredMs,
    ratio: meteredMs / rawMs,
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
