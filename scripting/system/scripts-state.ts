import { packBytes, packNumbers, savedNumber } from "../../engine/index.ts";
import { fieldColumnTypes } from "../fields/field-kinds.ts";
import type { ScriptSnapshot } from "../runtime/snapshot.ts";
import type { SystemParts } from "./assemble.ts";
import { rowStates } from "./attachments.ts";
import { commandKinds } from "./commands.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { ScriptSlot } from "./slot.ts";

/** What names the format of a {@link ScriptsState}. */
export const stateFormat = "fusewire-scripts";
/** What is written, and understood. */
export const stateVersion = 1;

/** A message that waits. */
export interface SavedMessage {
  readonly message: string;
  /** Its receiver's handle. */
  readonly to: number;
  /** The script that has sent it; absent for one of the game's. */
  readonly from?: string;
  /** In the order of its fields; a number by name where JSON has none. */
  readonly values: readonly (number | string)[];
}

/** A `ScriptSnapshot` that JSON holds. */
export interface SavedMemory {
  readonly module: string;
  readonly pages: number;
  /** Base64. */
  readonly bytes: string;
  /** Numbers by name where JSON has none; an i64 as its digits and an `n`. */
  readonly globals: readonly (number | string)[];
}

/** One script, and all its entities: a row each, in the order in which they are called. */
export interface SavedScript {
  readonly name: string;
  readonly disabled: boolean;
  /** Messages that it got so far: random numbers depend on that. */
  readonly messages: number;
  /** The row that is next in the round that is under way, and where that ends. */
  readonly cursor: number;
  readonly roundEnd: number;
  /** Handles, packed `entity`. */
  readonly entities: string;
  /** Whether they have started, back off, are disabled: bits, packed `u8`. */
  readonly states: string;
  /** Packed `u8`. */
  readonly strikes: string;
  /** Frames after which those that back off are called again, packed `i32`. */
  readonly wakes: string;
  /** Frames since the last fault of those with strikes, packed `i32`. */
  readonly faultAges: string;
  /**
   * Seconds by which entities lag behind, packed `f64`; -1 for those that had no turn yet. Absent where all had one in
   * the last frame.
   */
  readonly lags?: string;
  /** By name: the kind, and the values, packed as that is stored. */
  readonly fields: Readonly<Record<string, { readonly kind: string; readonly values: string }>>;
  readonly inbox: readonly SavedMessage[];
  /** Absent where it wasn't asked for, and where the next call needs a fresh instance anyway. */
  readonly memory?: SavedMemory;
}

/** All that a script system has come to, but for what is in the world. Plain data that JSON holds. */
export interface ScriptsState {
  readonly format: "fusewire-scripts";
  readonly version: 1;
  /** Frames that scripts have run, and the system's seed: random numbers depend on both. */
  readonly frame: number;
  readonly seed: number;
  /** What was sent and isn't sorted yet. */
  readonly outbox: readonly SavedMessage[];
  /** Entities that wait for their last calls: to be removed, or to lose one script. */
  readonly departing: readonly { readonly entity: number; readonly script?: string }[];
  /** In the order they are served in. */
  readonly scripts: readonly SavedScript[];
}

export interface SaveOptions {
  /**
   * Whether scripts' memory and variables are part of it. They are scratch, so a script that keeps to that does
   * without; but only with them a run goes on bit for bit whatever scripts do. Needs a system with `snapshots`.
   * Default: false.
   */
  readonly memory?: boolean;
}

/** @throws Error for scripts whose memory is asked for and can't be had. */
export function writeState(
  { core, random, structure }: SystemParts,
  { memory = false }: SaveOptions,
): ScriptsState {
  const { call, messages, slots } = core;
  const write = (queue: MessageQueue) =>
    Array.from({ length: queue.length }, (_, at) => messages.saved(queue, at));
  const { waiting } = structure;
  const departing = Array.from({ length: waiting.length }, (_, at) => {
    const entity = waiting.entityAt(at);
    const script = slots.find(({ id }) => id === waiting.subjectAt(at))?.name;
    const detaches = waiting.kindAt(at) === commandKinds.detach;
    return detaches && script !== undefined ? { entity, script } : { entity };
  });
  return {
    format: stateFormat,
    version: stateVersion,
    frame: call.frame,
    seed: random.seed,
    outbox: write(messages.outbox),
    departing,
    scripts: slots.map((slot) => writeScript(slot, call.frame, memory, write(slot.inbox))),
  };
}

function writeScript(
  slot: ScriptSlot,
  frame: number,
  withMemory: boolean,
  inbox: readonly SavedMessage[],
): SavedScript {
  const { program, rows } = slot;
  const kept = Array.from({ length: rows.length }, (_, row) => row).filter((row) =>
    slot.hasRow(row),
  );
  const pick = (of: (row: number) => number): number[] => kept.map(of);
  const before = (end: number): number => kept.filter((row) => row < end).length;
  const state = (row: number): number => rows.states[row] as number;
  const { fields, columns } = rows.fields;
  const memory =
    withMemory && !program.stale ? { memory: savedMemory(program.script.snapshot()) } : {};
  const lags = pick((row) =>
    (rows.lastRuns[row] as number) < 0 ? -1 : (rows.lags[row] as number),
  );
  return {
    name: slot.name,
    disabled: slot.disabled,
    messages: slot.usage.messages,
    cursor: before(slot.cursor),
    roundEnd: before(slot.roundEnd),
    entities: packNumbers(
      "entity",
      pick((row) => rows.handles[row] as number),
    ),
    states: packNumbers("u8", pick(state)),
    strikes: packNumbers(
      "u8",
      pick((row) => rows.strikes[row] as number),
    ),
    wakes: packNumbers(
      "i32",
      pick((row) =>
        (state(row) & rowStates.backingOff) === 0 ? 0 : (rows.wakes[row] as number) - frame,
      ),
    ),
    faultAges: packNumbers(
      "i32",
      pick((row) => (rows.strikes[row] === 0 ? 0 : frame - (rows.lastFaults[row] as number))),
    ),
    ...(lags.every((lag) => lag === 0) ? {} : { lags: packNumbers("f64", lags) }),
    fields: Object.fromEntries(
      fields.map(({ name, kind }, n) => {
        const values = packNumbers(
          fieldColumnTypes[kind],
          pick((row) => columns[n]?.[row] as number),
        );
        return [name, { kind, values }];
      }),
    ),
    inbox,
    ...memory,
  };
}

/** A snapshot as JSON holds it. */
export function savedMemory({ module, pages, memory, globals }: ScriptSnapshot): SavedMemory {
  return {
    module,
    pages,
    bytes: packBytes(memory),
    globals: globals.map((value) => (typeof value === "bigint" ? `${value}n` : savedNumber(value))),
  };
}
