import { decodeBytes } from "./encoded.ts";
import { benchEntities, type EntitiesResult } from "./entities.ts";

declare global {
  interface Window {
    timeEntities(module: string, count: number, rounds: number): Promise<EntitiesResult>;
  }
}

window.timeEntities = (module, count, rounds) => {
  const binary = { name: "movement", file: "scripts/movement.ts", bytes: decodeBytes(module) };
  return benchEntities(binary, count, rounds, true);
};
