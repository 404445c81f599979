import type { Linker } from "../runtime/linker.ts";
import { linkComponents } from "./component.ts";
import { linkEntities } from "./entity.ts";
import { type InputState, linkInput } from "./input.ts";
import { linkLog, type ScriptLog } from "./log.ts";
import { linkPrefabs, type SpawnRules } from "./prefab.ts";
import { linkRandom, type RandomNumbers } from "./random.ts";
import { type FrameTime, linkTime } from "./time.ts";
import type { WorldView } from "./view.ts";

/** What the host functions work on. */
export interface HostServices extends SpawnRules {
  readonly world: WorldView;
  readonly time: () => FrameTime;
  readonly input: InputState;
  readonly random: RandomNumbers;
  readonly log: ScriptLog;
}

/** Defines everything that the sdk and generated bindings import. */
export function linkHost(linker: Linker, services: HostServices): void {
  linkComponents(linker, services.world);
  linkPrefabs(linker, services.world, services);
  linkEntities(linker, services.world);
  linkTime(linker, services.time);
  linkInput(linker, services.input);
  linkRandom(linker, services.random);
  linkLog(linker, services.log);
}
