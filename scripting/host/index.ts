import type { Linker } from "../runtime/linker.ts";
import type { CallInfo } from "../system/call-info.ts";
import type { FieldAccess } from "../system/field-access.ts";
import type { Messages } from "../system/messages.ts";
import { linkComponents } from "./component.ts";
import { linkEntities } from "./entity.ts";
import { linkFields } from "./fields.ts";
import { type InputState, linkInput } from "./input.ts";
import { linkLog, type ScriptLog } from "./log.ts";
import { linkMessages, type MessageRules } from "./message.ts";
import type { Neighbours } from "./neighbours.ts";
import { linkPrefabs, type SpawnRules } from "./prefab.ts";
import { linkQueries, type NamedQueries } from "./query.ts";
import { linkRandom, type RandomNumbers } from "./random.ts";
import { type FrameTime, linkTime } from "./time.ts";
import type { WorldView } from "./view.ts";

/** What the host functions work on. */
export interface HostServices extends SpawnRules, MessageRules {
  readonly world: WorldView;
  readonly time: () => FrameTime;
  readonly input: InputState;
  readonly random: RandomNumbers;
  readonly log: ScriptLog;
  readonly messages: Messages;
  readonly queries: NamedQueries;
  /** Undefined where the system isn't told where entities are. */
  readonly neighbours: Neighbours | undefined;
  readonly call: CallInfo;
  readonly fields: FieldAccess;
}

/** Defines everything that the sdk and generated bindings import. */
export function linkHost(linker: Linker, services: HostServices): void {
  linkComponents(linker, services.world);
  linkFields(linker, services.world, services.fields);
  linkQueries(linker, services.world, services.queries, services.neighbours, services.call);
  linkPrefabs(linker, services.world, services);
  linkEntities(linker, services.world);
  linkMessages(linker, services.world, services.messages, services);
  linkTime(linker, services.time, services.call);
  linkInput(linker, services.input);
  linkRandom(linker, services.random);
  linkLog(linker, services.log);
}
