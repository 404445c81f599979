import { vi } from "vitest";
import { World } from "../../engine/index.ts";
import { type HostServices, linkHost } from "../../scripting/host/index.ts";
import { InputState } from "../../scripting/host/input.ts";
import { type LogLine, ScriptLog } from "../../scripting/host/log.ts";
import { RandomNumbers } from "../../scripting/host/random.ts";
import { WorldView } from "../../scripting/host/view.ts";
import type { HostContext, HostFunction } from "../../scripting/runtime/host-function.ts";
import { Linker } from "../../scripting/runtime/linker.ts";
import { FieldAccess } from "../../scripting/system/field-access.ts";
import { Messages } from "../../scripting/system/messages.ts";
import { Transaction } from "../../scripting/system/transaction.ts";
import { components, messages, prefabs } from "./fixture.ts";

/** Host functions to be called straight, as a guest would. */
export function hostCalls(options: Partial<HostServices> & { maxEntities?: number } = {}) {
  const world = new World({ components, prefabs, maxEntities: options.maxEntities ?? 32 });
  const known = new Messages(messages, 10, 3);
  const transaction = new Transaction(world, undefined, known.outbox);
  const lines: LogLine[] = [];
  const view = new WorldView(world, transaction);
  const services: HostServices = {
    world: view,
    fields: new FieldAccess(view),
    time: () => ({ delta: 0.25, elapsed: 100.5, frame: 7 }),
    input: new InputState(),
    random: new RandomNumbers(1, { serial: 0, hook: 3, frame: 1, nth: 0, lag: 0 }),
    log: new ScriptLog(3, (line) => lines.push(line)),
    spawnsPerCall: 4,
    maySpawn: () => true,
    messages: known,
    queries: new Map(),
    neighbours: undefined,
    call: { serial: 0, hook: 3, frame: 1, nth: 0, lag: 0 },
    maySend: () => true,
    ...options,
  };
  const linker = new Linker();
  const func = vi.spyOn(linker, "func");
  linkHost(linker, services);
  const functions = new Map<string, HostFunction>();
  for (const [module, name, , run] of func.mock.calls) {
    functions.set(`${module}.${name}`, run as HostFunction);
  }
  const texts = new Map<number, string>();
  const context = {
    script: { name: "test" },
    entity: 5,
    memory: new Uint8Array(0),
    redacted: false,
    charge: () => {},
    checkEntity: () => {},
    readString: (pointer: number) => texts.get(pointer) ?? "",
    newString: () => 0,
  } as unknown as HostContext;
  const call = (name: string, ...args: number[]): unknown => {
    const run = functions.get(name);
    if (run === undefined) throw new Error(`no host function ${name}`);
    return run(context, ...args);
  };
  return { world, transaction, services, lines, texts, call };
}
