import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Component,
  defineComponent,
  defineMessage,
  definePrefab,
  defineQuery,
  type Message,
  Not,
  Or,
  type Prefab,
  type QueryDefinition,
  withValues,
} from "../../engine/index.ts";
import { compile, formatDiagnostic } from "../../scripting/compile/compile.ts";
import type { ScriptBinary } from "../../scripting/compile/source.ts";
import { generateBindings } from "../../scripting/system/bindings.ts";
import { scripted } from "../../scripting/system/scripted.ts";

export const Position = defineComponent("Position", { x: "f32", y: "f32" });
export const Velocity = defineComponent("Velocity", { x: { type: "f32", default: 1 }, y: "f32" });
/** Counters for scripts to leave traces in. */
export const Trace = defineComponent("Trace", {
  loads: "i32",
  starts: "i32",
  updates: "i32",
  ends: "i32",
  reloads: "i32",
  value: "f64",
});
export const Kinds = defineComponent("Kinds", {
  f32: "f32",
  f64: "f64",
  i8: "i8",
  u8: { type: "u8", default: 3, doc: "Lives left" },
  i16: "i16",
  u16: "u16",
  i32: "i32",
  u32: "u32",
  target: "entity",
});
export const Frozen = defineComponent("Frozen", {}, { doc: "Doesn't move." });
export const Bullet = definePrefab("Bullet", [
  withValues(Position, { x: 5 }),
  Velocity,
  Trace,
  scripted("bullet"),
]);
export const Rock = definePrefab("Rock", [Position, Trace]);

export const Hit = defineMessage("Hit", { damage: "f32", from: "entity" }, { doc: "It hurts." });
export const Ping = defineMessage("Ping", {});
/** One field of each type, called as awkwardly as can be. */
export const Every = defineMessage("Every", {
  f32: { type: "f32", default: 1.5 },
  f64: "f64",
  i8: "i8",
  u8: { type: "u8", default: 3, doc: "Lives left" },
  i16: "i16",
  u16: "u16",
  i32: "i32",
  u32: "u32",
  target: "entity",
});

export const Targets = defineQuery("Targets", [Position, Or(Kinds, Velocity), Not(Frozen)], {
  doc: "Who can be hit.",
});
export const Thawed = defineQuery("Thawed", [Trace, Not(Frozen)]);
export const queries: readonly QueryDefinition[] = [Targets, Thawed];

export const positions = { component: Position, x: "x", y: "y" };
export const messages: readonly Message[] = [Hit, Ping, Every];

export const components: readonly Component[] = [Position, Velocity, Trace, Kinds, Frozen];
export const prefabs: readonly Prefab[] = [Bullet, Rock];

const sdkFolder = fileURLToPath(new URL("../../scripts/sdk/", import.meta.url));

/** What every test script begins with. Line 1 is the import, so a test's code starts on line 2. */
const prelude =
  'import { Entity, noEntity, isAlive, despawn, field, found, Input, Key, log, warn, Random, Time } from "fusewire/sdk"; ' +
  'import { Position, Velocity, Trace, Kinds, Frozen, Prefab, Query, Hit, Ping, Every } from "./components";\n';

const compiled = new Map<string, Promise<ScriptBinary>>();

/** Compiles a script from the text that follows the imports. */
export function binary(name: string, body: string): Promise<ScriptBinary> {
  const key = `${name}\n${body}`;
  const known = compiled.get(key) ?? compileScript(name, body);
  compiled.set(key, known);
  return known;
}

async function compileScript(name: string, body: string): Promise<ScriptBinary> {
  const entry = `scripts/${name}.ts`;
  const files: Record<string, string> = {
    [entry]: prelude + body,
    "scripts/components.ts": generateBindings(components, prefabs, {
      messages,
      queries,
      positions,
    }),
  };
  const result = await compile({
    entry,
    readFile: (path) => files[path] ?? null,
    sdk: (path) => readFileSync(sdkFolder + path, "utf8"),
  });
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join("\n"));
  return result.binary;
}
