import {
  type Column,
  type Entity,
  indexPart,
  SnapshotReader,
  shownName,
  unpackBytes,
} from "../../engine/index.ts";
import { fieldColumnTypes, isFieldKind } from "../fields/field-kinds.ts";
import type { ScriptField } from "../fields/script-field.ts";
import type { ScriptSnapshot } from "../runtime/snapshot.ts";
import type { SystemParts } from "./assemble.ts";
import { rowStates } from "./attachments.ts";
import { commandKinds } from "./commands.ts";
import type { SystemCore } from "./core.ts";
import { type FieldChanges, FieldColumns } from "./field-columns.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { ReadMessage } from "./messages.ts";
import { stateFormat, stateVersion } from "./scripts-state.ts";
import type { ScriptSlot } from "./slot.ts";
import { lastFrame } from "./strikes.ts";

/** What has become of one script when a state was restored. */
export interface RestoredScript {
  readonly script: string;
  /** What of the saved fields the version that is loaded now has. */
  readonly fields: FieldChanges;
  /** Whether its memory and variables are those that were saved, or start afresh with its next call. */
  readonly memory: "kept" | "fresh";
}

/** One script as it was read. */
interface ReadScript {
  readonly slot: ScriptSlot;
  readonly disabled: boolean;
  readonly messages: number;
  readonly cursor: number;
  readonly roundEnd: number;
  readonly entities: Column;
  readonly states: Column;
  readonly strikes: Column;
  readonly wakes: Column;
  readonly faultAges: Column;
  /** Undefined for none that lags behind. */
  readonly lags: Column | undefined;
  readonly fields: FieldColumns;
  readonly inbox: readonly ReadMessage[];
  /** Undefined where it is to start afresh. */
  readonly memory: ScriptSnapshot | undefined;
}

/** Most scripts that a state may be of, and commands that may wait. */
const maxScripts = 10_000;
const maxDeparting = 1 << 20;
const i32Max = 0x7fff_ffff;
const knownStates =
  rowStates.started |
  rowStates.backingOff |
  rowStates.disabled |
  rowStates.leaving |
  rowStates.suspect |
  rowStates.costly |
  rowStates.cut;
/** Digits and sign of any i64. */
const wholeNumber = /^-?\d{1,20}n$/;

/**
 * Reads a state, which may come from anywhere, and puts the system into it.
 * @throws SnapshotError that names all that doesn't fit, before anything has changed.
 */
export function restoreState(parts: SystemParts, state: unknown): readonly RestoredScript[] {
  const { core, random, runner, structure } = parts;
  const { call, messages, slots } = core;
  const reader = new SnapshotReader("the scripts' state");
  const top = reader.top(state, stateFormat, stateVersion);
  // Room for the frames to come.
  const frame = reader.whole("frame", top["frame"], 0, i32Max >> 1);
  const seed = reader.number("seed", top["seed"]);
  const outbox = readMessages(reader, core, "outbox", top["outbox"]);
  const departing = readDeparting(reader, slots, top["departing"]);
  const scripts = reader
    .list("scripts", top["scripts"], maxScripts)
    .flatMap((value) => readScript(reader, core, value) ?? []);
  const saved = new Map(scripts.map((script) => [script.slot, script]));
  if (saved.size < scripts.length) reader.problem("a script is listed twice");
  const waiting = scripts.reduce((sum, { inbox }) => sum + inbox.length, outbox.length);
  if (waiting > messages.room.capacity) {
    reader.problem(`${waiting} messages wait; maxMessages is ${messages.room.capacity}`);
  }
  reader.finish();

  call.frame = frame;
  random.seed = seed;
  for (const slot of slots) slot.reset();
  const others = slots.filter((slot) => !saved.has(slot));
  slots.splice(0, slots.length, ...saved.keys(), ...others);
  runner.reset();
  core.neighbours?.forget();
  fill(core, messages.outbox, outbox);
  structure.waiting.truncate(0);
  for (const { entity, slot } of departing) {
    const kind = slot === undefined ? commandKinds.despawn : commandKinds.detach;
    structure.waiting.push(kind, entity as Entity, slot?.id ?? 0);
  }
  return scripts.map((script) => restoreScript(core, script, frame));
}

function restoreScript(core: SystemCore, script: ReadScript, frame: number): RestoredScript {
  const { slot, entities, fields, memory } = script;
  const { program, rows } = slot;
  slot.disabled = script.disabled;
  slot.usage.messages = script.messages;
  slot.cursor = script.cursor;
  slot.roundEnd = script.roundEnd;
  slot.lagging = script.lags !== undefined;
  entities.forEach((handle, row) => {
    rows.add(indexPart(handle), handle);
    const state = script.states[row] as number;
    rows.states[row] = state & ~(rowStates.disabled | rowStates.leaving);
    if ((state & rowStates.disabled) !== 0) rows.disable(row);
    rows.setLeaving(row, (state & rowStates.leaving) !== 0);
    rows.strikes[row] = script.strikes[row] as number;
    rows.wakes[row] = Math.min(frame + (script.wakes[row] as number), lastFrame);
    rows.lastFaults[row] = frame - (script.faultAges[row] as number);
    const lag = script.lags?.[row] ?? 0;
    // In no frame that there was, or that is to come.
    rows.lastRuns[row] = lag < 0 ? -1 : 0;
    rows.lags[row] = Math.max(0, lag);
  });
  rows.putFields(fields.changed(program.script.fields, rows.handles.length, rows.length));
  fill(core, slot.inbox, script.inbox);
  if (memory === undefined) program.stale = true;
  else {
    program.script.restore(memory);
    program.stale = false;
  }
  const changes = fields.changesTo(program.script.fields);
  return { script: slot.name, fields: changes, memory: memory === undefined ? "fresh" : "kept" };
}

function fill({ messages }: SystemCore, queue: MessageQueue, list: readonly ReadMessage[]): void {
  queue.truncate(0);
  for (const message of list) messages.push(queue, message);
}

function readScript(
  reader: SnapshotReader,
  core: SystemCore,
  value: unknown,
): ReadScript | undefined {
  const saved = reader.object("a script", value);
  const name = reader.text("a script's name", saved["name"]);
  const slot = core.slots.find((known) => known.name === name);
  if (slot === undefined) {
    reader.problem(`no script named ${shownName(name)} is loaded`);
    return undefined;
  }
  const of = (what: string): string => `${name}'s ${what}`;
  const entities = readEntities(reader, core, of("entities"), saved["entities"]);
  const rows = entities.length;
  const column = (
    what: string,
    type: "u8" | "i32" | "f64",
    test: (value: number) => boolean,
  ): Column => {
    const read = reader.numbers(of(what), type, saved[what], rows);
    if (!read.every(test)) reader.problem(`${of(what)} holds what there can't be`);
    return read;
  };
  return {
    slot,
    disabled: reader.flag(of("disabled"), saved["disabled"]),
    messages: reader.whole(of("messages"), saved["messages"]),
    cursor: reader.whole(of("cursor"), saved["cursor"], 0, rows),
    roundEnd: reader.whole(of("roundEnd"), saved["roundEnd"], 0, rows),
    entities,
    states: column("states", "u8", (state) => (state & ~knownStates) === 0),
    strikes: column("strikes", "u8", () => true),
    wakes: column("wakes", "i32", (frames) => frames >= 0),
    faultAges: column("faultAges", "i32", (frames) => frames >= 0),
    lags:
      saved["lags"] === undefined
        ? undefined
        : column("lags", "f64", (lag) => lag === -1 || (lag >= 0 && lag < Infinity)),
    fields: readFields(reader, name, saved["fields"], rows),
    inbox: readMessages(reader, core, of("inbox"), saved["inbox"]),
    memory: readMemory(reader, slot, saved["memory"]),
  };
}

function readEntities(
  reader: SnapshotReader,
  { world }: SystemCore,
  where: string,
  value: unknown,
): Column {
  const entities = reader.numbers(where, "entity", value);
  const seen = new Set(entities);
  if (seen.size < entities.length) reader.problem(`${where}: one is listed twice`);
  const dead = entities.find((handle) => !world.isAlive(handle));
  if (dead !== undefined) {
    reader.problem(
      `${where}: ${dead} isn't alive; the world of the same moment has to be loaded first`,
    );
  }
  return entities;
}

function readFields(
  reader: SnapshotReader,
  script: string,
  value: unknown,
  rows: number,
): FieldColumns {
  const fields: ScriptField[] = [];
  const columns: Column[] = [];
  for (const [name, entry] of reader.entries(`${script}'s fields`, value)) {
    const where = `${script}'s field ${shownName(name)}`;
    const { kind, values } = reader.object(where, entry);
    if (!isFieldKind(kind)) {
      reader.problem(`${where} is of no known kind`);
      continue;
    }
    const column = reader.numbers(where, fieldColumnTypes[kind], values, rows);
    const fits = column.every((v) => Number.isFinite(v) && (kind !== "bool" || v <= 1));
    if (!fits) reader.problem(`${where} holds what it can't`);
    fields.push({ name, kind, default: 0, min: undefined, max: undefined, doc: "" });
    columns.push(column);
  }
  const read = new FieldColumns(fields, 0);
  read.columns = columns;
  return read;
}

function readMessages(
  reader: SnapshotReader,
  { messages }: SystemCore,
  where: string,
  value: unknown,
): ReadMessage[] {
  return reader
    .list(where, value, messages.room.capacity)
    .flatMap((item) => messages.read(reader, where, item) ?? []);
}

function readDeparting(
  reader: SnapshotReader,
  slots: readonly ScriptSlot[],
  value: unknown,
): { readonly entity: number; readonly slot: ScriptSlot | undefined }[] {
  return reader.list("departing", value, maxDeparting).map((item) => {
    const { entity, script } = reader.object("who departs", item);
    const slot = slots.find(({ name }) => name === script);
    if (script !== undefined && slot === undefined) {
      reader.problem(`departing: no script named ${shownName(String(script))} is loaded`);
    }
    return { entity: reader.whole("who departs", entity, 1, i32Max), slot };
  });
}

/** @returns undefined where there is none, and where it is another module's: the script has changed. */
function readMemory(
  reader: SnapshotReader,
  { name, program }: ScriptSlot,
  value: unknown,
): ScriptSnapshot | undefined {
  if (value === undefined) return undefined;
  const where = `${name}'s memory`;
  const saved = reader.object(where, value);
  const bytes = unpackBytes(saved["bytes"]);
  if (bytes === undefined) reader.problem(`${where} is no base64`);
  const globals = reader.list(`${where}: globals`, saved["globals"]).map((global) => {
    const isBig = typeof global === "string" && wholeNumber.test(global);
    return isBig ? BigInt(global.slice(0, -1)) : reader.number(`${where}: a global`, global);
  });
  const snapshot: ScriptSnapshot = {
    module: reader.text(`${where}: module`, saved["module"]),
    pages: reader.whole(`${where}: pages`, saved["pages"]),
    memory: bytes ?? new Uint8Array(0),
    globals,
  };
  const { script } = program;
  if (script.moduleKey !== snapshot.module) return undefined;
  const refusal = script.refusesSnapshot(snapshot);
  if (refusal !== undefined) reader.problem(`${where}: ${refusal}`);
  return snapshot;
}
