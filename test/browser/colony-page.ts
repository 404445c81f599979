import { decodeBytes } from "../bench/encoded.ts";
import { type ColonyRun, runColonies, runColony } from "./colony.ts";

declare global {
  interface Window {
    runColony(creature: string, nest: string, seed: number, frames: number): Promise<ColonyRun>;
    runColonies(creature: string, nest: string, seed: number, count: number): Promise<ColonyRun[]>;
  }
}

window.runColony = (creature, nest, seed, frames) =>
  runColony({ creature: decodeBytes(creature), nest: decodeBytes(nest) }, seed, frames);

window.runColonies = (creature, nest, seed, count) =>
  runColonies({ creature: decodeBytes(creature), nest: decodeBytes(nest) }, seed, count);
