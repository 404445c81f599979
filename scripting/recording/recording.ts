import { SnapshotReader, type TimeSnapshot, type WorldSnapshot } from "../../engine/index.ts";
import type { SavedInput } from "../host/input.ts";
import type { FrameTime } from "../host/time.ts";
import type { ScriptsState } from "../system/scripts-state.ts";

/** What names the format of a {@link Recording}. */
export const recordingFormat = "fusewire-recording";
/** What is written, and understood. */
export const recordingVersion = 1;

/** Numbers by name, where JSON has some only by theirs: see `savedNumber`. */
export type SavedNumbers = Readonly<Record<string, number | string>>;

/** Something that was asked of a script system from outside. Entities are handles. */
export type RecordedCall =
  | { readonly do: "attach" | "detach"; readonly entity: number; readonly script: string }
  | { readonly do: "despawn"; readonly entity: number }
  | {
      readonly do: "send";
      readonly entity: number;
      readonly message: string;
      readonly values: SavedNumbers;
    }
  | {
      readonly do: "set-field";
      readonly entity: number;
      readonly script: string;
      readonly field: string;
      readonly value: number | string;
    }
  | { readonly do: "set-limits"; readonly script: string; readonly limits: SavedNumbers }
  /** A fixed step, of scripts without a game. `time` is what they were told. */
  | { readonly do: "fixed-step"; readonly time: SavedNumbers }
  | { readonly do: "enable" | "disable" | "load" | "reload" | "unload"; readonly script: string };

/** A frame, and what came in since the one before. */
export interface RecordedFrame {
  /** In their order; absent for none. */
  readonly calls?: readonly RecordedCall[];
  /** Keyboard and pointer; absent while nothing has changed. */
  readonly input?: SavedInput;
  /** What scripts were told: delta, elapsed, frame, fixedDelta. */
  readonly time: readonly (number | string)[];
  /** Milliseconds by which the game went on, where there is one. */
  readonly deltaMs?: number;
  /** What the world and the scripts had come to behind it; absent where that wasn't noted. */
  readonly hash?: { readonly world: string; readonly scripts: string };
  /** True where the clock had a say: a call was stopped by its deadline, or had to wait for the next frame. */
  readonly timed?: true;
}

/**
 * A run of a script system: where it began, and all that came in from outside. What the game itself does isn't in it,
 * so a replay needs the same game; see `ScriptSystem.record`. Plain data that JSON holds.
 */
export interface Recording {
  readonly format: "fusewire-recording";
  readonly version: 1;
  readonly world: WorldSnapshot;
  readonly scripts: ScriptsState;
  /** Where the game's time was; absent without a game. */
  readonly time?: TimeSnapshot;
  readonly frames: readonly RecordedFrame[];
  /** What was asked for behind the last frame. */
  readonly calls: readonly RecordedCall[];
}

/** A frame as it was read. */
export interface ReadFrame {
  readonly calls: readonly ReadCall[];
  readonly input: SavedInput | undefined;
  readonly time: Required<FrameTime>;
  readonly deltaMs: number | undefined;
  readonly hash: { readonly world: string; readonly scripts: string } | undefined;
  readonly timed: boolean;
}

/** A call as it was read: what it doesn't need is empty. */
export interface ReadCall {
  readonly do: RecordedCall["do"];
  readonly entity: number;
  readonly script: string;
  /** The message or the field. */
  readonly name: string;
  readonly numbers: Readonly<Record<string, number>>;
}

const i32Max = 0x7fff_ffff;
const byScript = ["enable", "disable", "load", "reload", "unload"];

/**
 * Reads the frames of a recording, which may come from anywhere. Where it begins is read when that is loaded.
 * @param inGame whether a game is to be driven.
 * @throws SnapshotError that names what makes no sense.
 */
export function readFrames(
  recording: unknown,
  inGame: boolean,
): { readonly top: Readonly<Record<string, unknown>>; readonly frames: readonly ReadFrame[] } {
  const reader = new SnapshotReader("the recording");
  const top = reader.top(recording, recordingFormat, recordingVersion);
  if ((top["time"] !== undefined) !== inGame) {
    reader.problem(
      inGame
        ? "it is of scripts without a game, and these have one"
        : "it is of scripts in a game, and these have none: game.use(scripts)",
    );
  }
  const list = reader.list("frames", top["frames"]);
  return {
    top,
    frames: finished(
      reader,
      list.map((frame, at) => readFrame(reader, frame, at + 1, inGame)),
    ),
  };
}

function finished<T>(reader: SnapshotReader, value: T): T {
  reader.finish();
  return value;
}

function readFrame(reader: SnapshotReader, value: unknown, n: number, inGame: boolean): ReadFrame {
  const where = `frame ${n}`;
  const frame = reader.object(where, value);
  const time = reader.list(`${where}'s time`, frame["time"], 4);
  const calls = reader.list(`${where}'s calls`, frame["calls"] ?? []);
  const { hash } = frame;
  const hashes = hash === undefined ? undefined : reader.object(`${where}'s hash`, hash);
  return {
    calls: calls.map((call) => readCall(reader, call, where)),
    input: frame["input"] === undefined ? undefined : readInput(reader, frame["input"], where),
    time: {
      delta: reader.number(`${where}'s delta`, time[0]),
      elapsed: reader.number(`${where}'s elapsed`, time[1]),
      frame: reader.number(`${where}'s number`, time[2]),
      fixedDelta: reader.number(`${where}'s fixedDelta`, time[3]),
    },
    deltaMs: inGame ? reader.duration(`${where}'s deltaMs`, frame["deltaMs"]) : undefined,
    hash: hashes && {
      world: reader.text(`${where}'s hash`, hashes["world"]),
      scripts: reader.text(`${where}'s hash`, hashes["scripts"]),
    },
    timed: frame["timed"] === true,
  };
}

function readCall(reader: SnapshotReader, value: unknown, where: string): ReadCall {
  const call = reader.object(`a call before ${where}`, value);
  const kind = call["do"];
  const what = `${typeof kind === "string" ? kind.slice(0, 20) : "a call"} before ${where}`;
  const entity = () => reader.whole(`${what}: entity`, call["entity"], 0, i32Max);
  const text = (name: string) => reader.text(`${what}: ${name}`, call[name]);
  const numbers = (name: string) =>
    Object.fromEntries(
      reader
        .entries(`${what}: ${name}`, call[name])
        .map(([key, number]) => [key, reader.number(`${what}: ${name}`, number)]),
    );
  const read: ReadCall = { do: "despawn", entity: 0, script: "", name: "", numbers: {} };
  switch (kind) {
    case "attach":
    case "detach":
      return { ...read, do: kind, entity: entity(), script: text("script") };
    case "despawn":
      return { ...read, entity: entity() };
    case "send":
      return {
        ...read,
        do: kind,
        entity: entity(),
        name: text("message"),
        numbers: numbers("values"),
      };
    case "set-field": {
      const value = reader.number(`${what}: value`, call["value"]);
      const place = { entity: entity(), script: text("script"), name: text("field") };
      return { ...read, do: kind, ...place, numbers: { value } };
    }
    case "set-limits":
      return { ...read, do: kind, script: text("script"), numbers: numbers("limits") };
    case "fixed-step":
      return { ...read, do: kind, numbers: numbers("time") };
    default:
      if (byScript.includes(kind as string)) {
        return { ...read, do: kind as RecordedCall["do"], script: text("script") };
      }
      reader.problem(`${what}: there is no such call`);
      return read;
  }
}

function readInput(reader: SnapshotReader, value: unknown, where: string): SavedInput {
  const input = reader.object(`${where}'s input`, value);
  const keys = (name: string) =>
    reader
      .list(`${where}'s keys`, input[name], 256)
      .map((key) => reader.text(`a key of ${where}`, key));
  return {
    pointerX: reader.number(`${where}'s pointerX`, input["pointerX"]),
    pointerY: reader.number(`${where}'s pointerY`, input["pointerY"]),
    pointerDown: reader.flag(`${where}'s pointerDown`, input["pointerDown"]),
    down: keys("down"),
    pressed: keys("pressed"),
  };
}
