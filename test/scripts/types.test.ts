import { join } from "node:path";
import { expect, test } from "vitest";
import { defineComponent, definePrefab } from "../../engine/index.ts";
import { generateBindings } from "../../scripting/index.ts";
import { gameFolder } from "./game-folder.ts";
import { LanguageServer } from "./language-server.ts";
import { scriptErrors } from "./script-errors.ts";

const Position = defineComponent(
  "Position",
  { x: { type: "f32", doc: "World units to the right" }, y: "f32" },
  { doc: "Where it is." },
);
const Enemy = defineComponent("Enemy", {
  prey: "entity",
  mood: { type: "u8", default: 2 },
  aim: { type: "vec2", doc: "Where it looks", default: { y: 1 } },
});

const clean = `import { Entity, Time } from "fusewire/sdk";
import { Enemy, Position, Prefab } from "./components";
export function onUpdate(self: Entity): void {
  Position.x[self] += 2 * Time.delta;
  Position.y[Enemy.prey[self]] = <f32>Enemy.mood[self];
  if (!Enemy.has(self)) Enemy.add(Prefab.Drone.spawn());
  Enemy.aim.y[self] += Position.y[self];
}
`;

function game(script: string, compilerOptions = {}): string {
  const config = { extends: "fusewire/sdk/tsconfig.json", compilerOptions };
  return gameFolder({
    "scripts/tsconfig.json": JSON.stringify(config),
    "scripts/components.ts": generateBindings(
      [Position, Enemy],
      [definePrefab("Drone", [Position])],
    ),
    "scripts/script.ts": script,
  });
}

const replaced = (from: string, to: string): string => {
  expect(clean).toContain(from);
  return clean.replace(from, to);
};

test("a script is clean to plain tsc", () => {
  expect(scriptErrors(game(clean))).toEqual([]);
});

test("so are the sdk and bindings, however strict a game is", () => {
  const strict = {
    noUnusedLocals: true,
    noUnusedParameters: true,
    noImplicitOverride: true,
    noFallthroughCasesInSwitch: true,
    noPropertyAccessFromIndexSignature: true,
  };
  expect(scriptErrors(game(clean, strict))).toEqual([]);
});

test.each([
  ["a misspelt field", replaced("Position.x", "Position.xx"), "4: TS2339"],
  ["a wrong type for a field", replaced("= 2 * Time.delta", '= "2"'), "4: TS2322"],
  [
    "a field taken for something else",
    replaced("<f32>Enemy.mood[self]", "Enemy.mood"),
    "5: TS2322",
  ],
  ["a wrong index", replaced("Position.x[self]", 'Position.x["self"]'), "4: TS7015"],
  ["a part that a vector hasn't got", replaced("aim.y", "aim.z"), "7: TS2339"],
  ["a vector taken for a field", replaced("aim.y[self] +=", "aim[self] ="), "7: TS7053"],
  ["a missing import", replaced("Entity, Time", "Entity"), "4: TS2304"],
  ["an import that there isn't", replaced("Enemy, Pos", "Boss, Enemy, Pos"), "2: TS2305"],
  ["a prefab that there isn't", replaced("Prefab.Drone", "Prefab.Drones"), "6: TS2551"],
])("%s is an error at its line", (_what, script, error) => {
  expect(scriptErrors(game(script))).toEqual([`scripts/script.ts:${error}`]);
});

test("an editor shows what a component and a field are", async () => {
  const folder = game(clean);
  const server = await LanguageServer.start(folder);
  const shown = (needle: string) => server.hover(join(folder, "scripts/script.ts"), clean, needle);
  try {
    expect(await shown("Position.x")).toContain("World units to the right. An f32, 0 at first.");
    expect(await shown("Enemy.mood")).toContain("An i32 from 0 to 255, 2 at first.");
    expect(await shown("Enemy.aim")).toContain("Where it looks");
    expect(await shown("aim.y")).toContain("An f32, 1 at first.");
    expect(await shown("Enemy.prey")).toContain("An entity, or none.");
    expect(await shown("  Position")).toContain("Where it is.");
    expect(await shown("Time.delta")).toContain("Seconds since the frame before");
  } finally {
    server.stop();
  }
});
