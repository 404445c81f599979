import { SnapshotError, shownName } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { Fault } from "../fault.ts";
import { limitProfiles, type ResourceLimits } from "../limits.ts";
import type { Entry } from "../runtime/entry.ts";
import type { HostContext } from "../runtime/host-function.ts";
import { Linker } from "../runtime/linker.ts";
import { ScriptRuntime } from "../runtime/runtime.ts";
import type { Script } from "../runtime/script.ts";
import type { FaultFile } from "./fault-file.ts";
import { savedValue } from "./host-log.ts";
import {
  type ReadFaultFile,
  type ReadHostCall,
  type ReadImport,
  readFaultFile,
} from "./read-fault-file.ts";

/** What a call may take at most when it is made again, whatever its file says. */
const most: Partial<ResourceLimits> = {
  callTimeMs: 10_000,
  memoryBytes: 1 << 30,
  moduleBytes: 1 << 26,
  functionBytes: 1 << 24,
  tableElements: 10_000_000,
};

/** What came of making a stopped call again. */
export interface Reproduction {
  /** Null when it finished. */
  readonly fault: Fault | null;
  /** In which ways it isn't the fault of the file; empty when it is. */
  readonly differences: readonly string[];
}

/**
 * Makes the call of a fault's file again, by itself: with the module, limits and memory of the file, and with what host
 * functions have given then. Nothing but the sandboxed call runs.
 * @param file may come from anywhere.
 * @throws SnapshotError for a file that makes no sense, or a module that can't be loaded.
 */
export async function reproduceFault(file: FaultFile): Promise<Reproduction> {
  const read = readFaultFile(file);
  const host = new SavedHost(read);
  let entry: Entry | undefined;
  try {
    const script = await load(read, host);
    script.entity = read.entity;
    entry = script.entry(read.hook);
    if (entry === undefined) throw new TypeError(`the module exports no ${shownName(read.hook)}`);
  } catch (error) {
    // Whatever it is, the file is what led to it.
    throw new SnapshotError("the fault's file", [(error as Error).message]);
  }
  host.begin(read.calls);
  const fault = entry.run(read.entity);
  return { fault, differences: host.parted ?? compare(read, fault, host.unasked) };
}

async function load(read: ReadFaultFile, host: SavedHost): Promise<Script> {
  const linker = new Linker();
  for (const wanted of read.imports) {
    if (wanted === undefined || linker.has(wanted.module, wanted.name)) continue;
    linker.func(wanted.module, wanted.name, wanted.spec, (context, ...args) =>
      host.answer(wanted, context, args),
    );
  }
  for (const { module, name } of read.memories) linker.memory(module, name);
  for (const { module, name } of read.tables) linker.table(module, name);
  for (const { module, name, ...spec } of read.globals) {
    linker.global(module, name, spec, spec.value);
  }
  const limits: Record<string, number> = { ...read.limits };
  for (const [name, value] of Object.entries(most)) {
    limits[name] = Math.min(limits[name] ?? value, value);
  }
  // A deadline is of no use here but against a file without an end.
  limits["callTimeMs"] = most.callTimeMs as number;
  const runtime = new ScriptRuntime({
    linker,
    limits: limitProfiles.development,
    guestText: read.guestText,
  });
  const { sourceMap } = read;
  const script = await runtime.load(read.module, {
    name: read.script,
    limits,
    capabilities: "all",
    snapshots: true,
    ...(sourceMap === undefined ? {} : { sourceMap }),
  });
  script.restore({ ...read.memory, module: script.moduleKey });
  return script;
}

/** Kinds that leave fuel uncounted that depends on how fast the machine was. */
const looseFuel = ["trap", "stack-overflow", "memory-limit"];

function compare(
  { fault: wanted }: ReadFaultFile,
  fault: Fault | null,
  unasked: number,
): readonly string[] {
  if (fault === null) return [`the call finished; it was stopped: ${wanted.kind}`];
  if (fault.kind !== wanted.kind) return [`the fault is ${fault.kind}; it was ${wanted.kind}`];
  const differences: string[] = [];
  const check = (what: string, found: unknown, was: unknown): void => {
    if (found !== was) differences.push(`${what} is ${found ?? "none"}; it was ${was ?? "none"}`);
  };
  // Engines have words of their own for traps.
  if (!looseFuel.includes(fault.kind)) {
    check("its message", fault.message, wanted.message);
    check("its fuel", fault.fuelUsed, wanted.fuelUsed);
  }
  check("its function", fault.functionName, wanted.functionName);
  const { location: at } = fault;
  check("its place", at && `${at.file}:${at.line}:${at.column}`, wanted.place);
  if (unasked > 0) differences.push(`${unasked} host calls of the file weren't made`);
  return differences;
}

/** Gives what host functions have given then, as long as they are asked the same. */
class SavedHost {
  /** What was asked instead, once something else was. */
  parted: readonly string[] | undefined;
  #calls: readonly ReadHostCall[];
  #next = 0;

  constructor({ start }: ReadFaultFile) {
    this.#calls = start;
  }

  /** Host calls of the file that nobody has made. */
  get unasked(): number {
    return this.#calls.length - this.#next;
  }

  begin(calls: readonly ReadHostCall[]): void {
    this.#calls = calls;
    this.#next = 0;
    this.parted = undefined;
  }

  answer(wanted: ReadImport, context: HostContext, args: readonly (number | bigint)[]): unknown {
    const call = this.#calls[this.#next++];
    const asked = describe(wanted, args);
    if (call === undefined) throw this.#part(`host call ${this.#next} is ${asked}; there was none`);
    const was = call.import === undefined ? "another" : describe(call.import, call.args);
    if (asked !== was) throw this.#part(`host call ${this.#next} is ${asked}; it was ${was}`);
    for (const step of call.steps) {
      if (step.do === "charge") context.charge(step.fuel);
      else if (step.do === "read-string") context.readString(step.pointer);
      else if (step.do === "new-string") context.newString(step.text);
      else context.bytes(step.pointer, step.length);
    }
    const { memory } = context;
    for (const { at, bytes } of call.writes) {
      if (at + bytes.length > memory.length) {
        throw this.#part(`host call ${this.#next} writes past the end of memory`);
      }
      memory.set(bytes, at);
    }
    if (call.refused !== undefined) throw new HostError(call.refused);
    if (call.failed !== undefined) throw new Error(call.failed);
    return call.result;
  }

  #part(difference: string): HostError {
    this.parted ??= [difference];
    return new HostError(difference);
  }
}

function describe({ module, name }: ReadImport, args: readonly (number | bigint)[]): string {
  return `${module}.${name}(${args.map(savedValue).join(", ")})`;
}
