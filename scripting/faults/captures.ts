import { packBytes } from "../../engine/index.ts";
import type { Fault } from "../fault.ts";
import type { ScriptLog } from "../host/log.ts";
import { savedNumbers } from "../recording/recorder.ts";
import type { PreparedScript } from "../runtime/prepared-script.ts";
import type { ScriptRuntime } from "../runtime/runtime.ts";
import type { Script } from "../runtime/script.ts";
import type { ScriptSnapshot } from "../runtime/snapshot.ts";
import { hookNumbers } from "../system/call-info.ts";
import type { SystemCore } from "../system/core.ts";
import type { FaultEvent, Hook } from "../system/events.ts";
import { savedMemory } from "../system/scripts-state.ts";
import { type FaultFile, faultFormat, faultVersion, type SavedImport } from "./fault-file.ts";
import { HostLog, savedValue } from "./host-log.ts";

/** A script that runs, and how it can be made anew to make a call of it again. */
export interface Capturable {
  readonly script: Script;
  /** Undefined for one that can't be. */
  readonly isolated: PreparedScript | undefined;
}

interface Capture {
  readonly fault: Fault;
  readonly file: () => FaultFile;
}

/**
 * Keeps what it takes to make stopped calls again. The call is made once more for that, call by call and in an instance
 * of its own, and undone: that is the same call as long as its fuel decides.
 */
export class FaultCaptures {
  readonly #core: SystemCore;
  readonly #runtime: ScriptRuntime;
  readonly #log: ScriptLog;
  readonly #most: number;
  readonly #guestText: boolean;
  readonly #captures: Capture[] = [];
  #frame = -1;
  #inFrame = 0;

  /** @param most how many are kept, and at most made in a frame. */
  constructor(
    core: SystemCore,
    runtime: ScriptRuntime,
    log: ScriptLog,
    most: number,
    guestText: boolean,
  ) {
    this.#core = core;
    this.#runtime = runtime;
    this.#log = log;
    this.#most = most;
    this.#guestText = guestText;
  }

  /** Those that are kept, the oldest first. */
  get files(): readonly FaultFile[] {
    return this.#captures.map(({ file }) => file());
  }

  /** The file of an event. @throws Error that says why there is none. */
  fileOf({ fault, script }: FaultEvent): FaultFile {
    const capture = this.#captures.find((known) => known.fault === fault);
    if (capture !== undefined) return capture.file();
    if (fault.kind === "deadline") {
      throw new Error(
        `${script}: a deadline stops a call by the machine's time, so it can't be reproduced; with less ` +
          "fuelPerCall the same call ends in out-of-fuel, and that can",
      );
    }
    throw new Error(
      `${script}: this fault isn't among those that are kept: faultCaptures is ${this.#most}, also for one frame, ` +
        "and scripts whose state can't be saved, or that import what isn't repeatable, have none",
    );
  }

  /**
   * Makes a stopped call again, which has been undone in the world.
   * @param state of the script before the call.
   */
  take(
    { script: live, isolated }: Capturable,
    hook: Hook,
    entity: number,
    fault: Fault,
    state: ScriptSnapshot,
  ): void {
    const { call, transaction } = this.#core;
    if (isolated === undefined || fault.kind === "deadline" || !this.#mayTake()) return;
    const start = new HostLog(live);
    const made = new HostLog(live);
    let log = start;
    const { hook: openHook } = call;
    let script: Script | undefined;
    let again: Fault | null = null;
    transaction.begin();
    this.#log.hide(live.name);
    live.suspended = true;
    try {
      call.hook = 0;
      call.serial++;
      const linked = start.watch(isolated.linked);
      const watched = made.watch(isolated.linked);
      const functions = linked.functions.map((f, i) => {
        const later = watched.functions[i];
        if (!("spec" in f) || later === undefined || !("spec" in later)) return f;
        const run: typeof f.run = (...args) => (log === start ? f : later).run(...args);
        return { ...f, run };
      });
      const { callTimeMs, callDepth, payloadBytes } = live.limits;
      // What is done in a window without a call of the host is one here, and counts and costs as one.
      const isSpent = fault.kind === "out-of-fuel";
      const fuelPerCall = live.limits.fuelPerCall * (isSpent ? 1 : hostCallsShare);
      const limited = fault.kind === "host-call-limit";
      const hostCallsPerCall = limited ? live.limits.hostCallsPerCall : Infinity;
      script = this.#runtime.instantiate(
        { ...isolated, linked: { ...linked, functions } },
        { limits: { fuelPerCall, callTimeMs, callDepth, hostCallsPerCall, payloadBytes } },
      );
      script.restore(state);
      log = made;
      script.entity = entity;
      call.serial++;
      call.hook = hookNumbers[hook];
      again = script.entry(hook)?.run(entity) ?? null;
    } catch {
      // No room for another instance, or top-level code that doesn't run twice: there is no file, then.
    } finally {
      live.suspended = false;
      this.#log.show(live.name);
      transaction.rollback();
      call.hook = openHook;
      script?.dispose();
    }
    if (again === null || again.kind !== fault.kind || start.isLossy || made.isLossy) return;
    const seen = again;
    const limits = (script as Script).limits;
    const { frame } = call;
    let file: FaultFile | undefined;
    this.#captures.push({
      fault,
      file: () => {
        file ??= {
          format: faultFormat,
          version: faultVersion,
          script: live.name,
          hook,
          entity,
          frame,
          ...ofModule(isolated),
          limits: savedNumbers({ ...limits }),
          guestText: this.#guestText,
          memory: savedMemory(state),
          start: start.calls,
          calls: made.calls,
          fault: savedFault(seen),
        };
        return file;
      },
    });
    if (this.#captures.length > this.#most) this.#captures.shift();
  }

  #mayTake(): boolean {
    const { frame } = this.#core.call;
    if (frame !== this.#frame) this.#inFrame = 0;
    this.#frame = frame;
    return ++this.#inFrame <= this.#most;
  }
}

function ofModule({ linked, original, sourceMap }: PreparedScript) {
  const imports = linked.functions.map((f): SavedImport | null => {
    if (!("spec" in f)) return null;
    const { params, results, fuel, fuelPerByte, perCall, anyFloat } = f.spec;
    return {
      module: f.module,
      name: f.name,
      params,
      results,
      fuel,
      ...(fuelPerByte === undefined ? {} : { fuelPerByte }),
      // JSON has no Infinity, which is what none means.
      ...(perCall === undefined || perCall === Infinity ? {} : { perCall }),
      ...(anyFloat === undefined ? {} : { anyFloat }),
    };
  });
  const named = ({ module, name }: { readonly module: string; readonly name: string }) => ({
    module,
    name,
  });
  return {
    module: packBytes(original.module.bytes),
    ...(sourceMap === undefined ? {} : { sourceMap }),
    imports,
    memories: linked.memories.map(named),
    tables: linked.tables.map(named),
    globals: linked.globals.map((global) => ({ ...global, value: savedValue(global.value) })),
  };
}

/** How many times as much a call may cost that asks the host for everything. */
const hostCallsShare = 64;

/** What of a fault is the same in every run. */
export function savedFault(fault: Fault): FaultFile["fault"] {
  const { kind, message, functionName, location, fuelUsed, stack } = fault;
  return {
    kind,
    message,
    ...(functionName === undefined ? {} : { functionName }),
    ...(location === undefined ? {} : { location }),
    fuelUsed,
    stack,
  };
}
