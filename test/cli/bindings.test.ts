import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  defineComponent,
  defineMessage,
  definePrefab,
  defineQuery,
  Not,
  type QueryDefinition,
} from "../../engine/index.ts";
import { generateBindings } from "../../scripting/index.ts";
import { gameFolder, writeFiles } from "../scripts/game-folder.ts";
import { BuiltPackage } from "./built-package.ts";

let fusewire: BuiltPackage;
beforeAll(() => {
  fusewire = new BuiltPackage();
});
afterAll(() => rmSync(fusewire.folder, { recursive: true }));

const Position = defineComponent("Position", { x: "f32" });
const Drone = definePrefab("Drone", [Position]);
const command = "npx fusewire bindings";
const both = generateBindings([Position], [Drone], { command });

const javascript = `import { defineComponent, definePrefab } from "fusewire/engine";
export const Position = defineComponent("Position", { x: "f32" });
export const Drone = definePrefab("Drone", [Position]);
`;
/** What Node doesn't take: types, an enum, and an import without its ending. */
const typescript = {
  "src/components.ts": `import { defineComponent, definePrefab, type Component } from "fusewire/engine";
import { Layer } from "./layer";
const Position: Component = defineComponent("Position", { x: "f32" });
const unlisted = defineComponent("Unlisted" as string, { x: "f32" });
export { unlisted };
export const layer: Layer = Layer.Top;
export const components: Component[] = [Position];
export const prefabs = [definePrefab("Drone", [Position])];
`,
  "src/layer.ts": "export enum Layer { Top = 1 }\n",
};

function game(files: Record<string, string>, tools: string[] = []): string {
  const folder = gameFolder(files, ["bitecs", ...tools]);
  fusewire.installIn(folder);
  return folder;
}
const bindingsOf = (folder: string, path = "scripts/components.ts") =>
  readFileSync(join(folder, path), "utf8");
const failed = (stderr: string, code = 1) => ({
  code,
  stdout: "",
  stderr: `fusewire bindings: ${stderr}\n`,
});

describe("fusewire bindings", () => {
  test("writes what a JavaScript module exports one by one", () => {
    const folder = game({ "components.mjs": javascript });
    const { code, stdout } = fusewire.run(folder, "bindings");
    expect([code, stdout]).toEqual([0, "scripts/components.ts written\n"]);
    expect(bindingsOf(folder)).toBe(both);
  });

  test.each(["vite", "tsx"])("writes what a TypeScript module lists, with %s", (tool) => {
    const folder = game(typescript, [tool]);
    expect(fusewire.run(folder, "bindings")).toEqual({
      code: 0,
      stdout: "scripts/components.ts written\n",
      stderr: "",
    });
    expect(bindingsOf(folder)).toBe(both);
  });

  test("takes TypeScript in a package of CommonJS", () => {
    const folder = game({ ...typescript, "package.json": "{}" }, ["tsx"]);
    expect(fusewire.run(folder, "bindings").stderr).toBe("");
    expect(bindingsOf(folder)).toBe(both);
  });

  test("loads modules with the game's own Vite configuration", () => {
    const config = `export default { resolve: { alias: { "@fields": "/fields.ts" } } };`;
    const folder = game(
      {
        "vite.config.js": config,
        "fields.ts": `export const fields = { x: "f32" } as const;`,
        "game/components.ts": `import { defineComponent } from "fusewire/engine";
import { fields } from "@fields";
export const Position = defineComponent("Position", fields);`,
      },
      ["vite"],
    );
    expect(fusewire.run(folder, "bindings").stderr).toBe("");
    expect(bindingsOf(folder)).toBe(generateBindings([Position], [], { command }));
  });

  test.each([[[]], [["vite"]], [["tsx"]]])(
    "takes several modules, another file, and names itself in it, with %j",
    (tools) => {
      const several = {
        "a/components.js": `import { defineComponent } from "fusewire/engine";
export const components = new Set([defineComponent("Position", { x: "f32" })]);`,
        "b/prefabs.js": `import { definePrefab } from "fusewire/engine";
import { components } from "../a/components.js";
export { components };
export const prefabs = [definePrefab("Drone", [...components])];`,
      };
      const folder = game(several, tools);
      const args = [
        "--from",
        "a/components.js",
        "--from",
        "./b/prefabs.js",
        "--out",
        "mods/sdk/game.ts",
      ];
      expect(fusewire.run(folder, "bindings", ...args).stdout).toBe("mods/sdk/game.ts written\n");
      const named = `${command} --from a/components.js --from b/prefabs.js --out mods/sdk/game.ts`;
      expect(bindingsOf(folder, "mods/sdk/game.ts")).toBe(
        generateBindings([Position], [Drone], { command: named }),
      );
      fusewire.run(folder, "bindings", ...args, "--command", "make bindings");
      expect(bindingsOf(folder, "mods/sdk/game.ts")).toContain("//   make bindings\n");
    },
  );

  test("takes messages, and where entities are", () => {
    const messaging = `import { defineComponent, defineMessage } from "fusewire/engine";
export const Place = defineComponent("Place", { x: "f32", y: "f32" });
export const Hit = defineMessage("Hit", { damage: "f32" });
export const positions = { component: Place, x: "x", y: "y" };`;
    const folder = game({ "components.js": messaging });
    expect(fusewire.run(folder, "bindings").stdout).toBe("scripts/components.ts written\n");
    const Place = defineComponent("Place", { x: "f32", y: "f32" });
    const Hit = defineMessage("Hit", { damage: "f32" });
    const positions = { component: Place, x: "x", y: "y" };
    expect(bindingsOf(folder)).toBe(
      generateBindings([Place], [], { command, messages: [Hit], positions }),
    );
    expect(bindingsOf(folder)).toContain("export abstract class Hit");
    const wrong = game({
      "components.js": messaging.replace('{ component: Place, x: "x", y: "y" }', "Place"),
    });
    expect(fusewire.run(wrong, "bindings")).toEqual(
      failed("components.js: positions has to be { component, x, y }, with two fields' names"),
    );
  });

  test("takes queries, one by one or as a list, and checks them", () => {
    const listed = `import { defineComponent, defineQuery, Not } from "fusewire/engine";
export const Place = defineComponent("Place", { x: "f32", y: "f32" });
export const Ghost = defineComponent("Ghost", {});
export const Solid = defineQuery("Solid", [Place, Not(Ghost)], { doc: "Who can't be walked through." });
export const Any = defineQuery("Any", [Place]);`;
    const folder = game({ "components.js": listed });
    expect(fusewire.run(folder, "bindings").stdout).toBe("scripts/components.ts written\n");
    const Place = defineComponent("Place", { x: "f32", y: "f32" });
    const Ghost = defineComponent("Ghost", {});
    const Solid = defineQuery("Solid", [Place, Not(Ghost)], {
      doc: "Who can't be walked through.",
    });
    const Any = defineQuery("Any", [Place]);
    const text = (queries: QueryDefinition[]) =>
      generateBindings([Place, Ghost], [], { command, queries });
    expect(bindingsOf(folder)).toBe(text([Any, Solid]));
    writeFiles(folder, { "components.js": `${listed}\nexport const queries = [Solid];` });
    expect(fusewire.run(folder, "bindings", "--check").code).toBe(1);
    expect(fusewire.run(folder, "bindings").code).toBe(0);
    expect(bindingsOf(folder)).toBe(text([Solid]));
    expect(fusewire.run(folder, "bindings", "--check").code).toBe(0);
    writeFiles(folder, { "components.js": `${listed}\nexport const queries = [[Place]];` });
    expect(fusewire.run(folder, "bindings")).toEqual(
      failed("components.js: queries[0] has to be what defineQuery returns"),
    );
  });

  test("doesn't wait for what a module started", () => {
    const folder = game({ "components.js": `${javascript}setInterval(() => {}, 1000);` });
    expect(fusewire.run(folder, "bindings").code).toBe(0);
  });

  test("leaves a file alone that is up to date, whatever its line ends", () => {
    const folder = game({
      "components.js": javascript,
      "scripts/components.ts": both.replaceAll("\n", "\r\n"),
    });
    const file = join(folder, "scripts/components.ts");
    utimesSync(file, 1000, 1000);
    expect(fusewire.run(folder, "bindings").stdout).toBe("scripts/components.ts is up to date\n");
    expect(statSync(file).mtimeMs).toBe(1_000_000);
    expect(fusewire.run(folder, "bindings", "--check").code).toBe(0);
  });

  test("leaves nothing beside the file, and writes through a link", () => {
    const folder = game({
      "components.js": javascript,
      "scripts/components.ts": both.slice(0, -9),
    });
    const file = join(folder, "scripts/components.ts");
    renameSync(file, join(folder, "real.ts"));
    symlinkSync(join(folder, "real.ts"), file);
    expect(fusewire.run(folder, "bindings").code).toBe(0);
    expect(bindingsOf(folder, "real.ts")).toBe(both);
    expect(readdirSync(join(folder, "scripts"))).toEqual(["components.ts"]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("never overwrites what wasn't generated", () => {
    const own = "export const mine = 1;\n";
    const folder = game({ "components.js": javascript, "scripts/components.ts": own });
    const refusal = failed(
      "scripts/components.ts was not generated, so it stays as it is: move it away, or name another file with --out",
    );
    expect(fusewire.run(folder, "bindings")).toEqual(refusal);
    expect(fusewire.run(folder, "bindings", "--check")).toEqual(refusal);
    expect(bindingsOf(folder)).toBe(own);
  });
});

describe("fusewire bindings --check", () => {
  test("says what differs, and writes nothing", () => {
    const folder = game({ "components.js": javascript });
    const differs = (what: string) => ({
      code: 1,
      stdout: "",
      stderr: `scripts/components.ts is out of date: ${what}; run npx fusewire bindings\n`,
    });
    expect(fusewire.run(folder, "bindings", "--check")).toEqual(differs("there is no such file"));
    expect(readdirSync(folder)).not.toContain("scripts");

    fusewire.run(folder, "bindings");
    expect(fusewire.run(folder, "bindings", "--check")).toEqual({
      code: 0,
      stdout: "scripts/components.ts is up to date\n",
      stderr: "",
    });

    writeFiles(folder, { "components.js": javascript.replace("x:", "y:") });
    expect(fusewire.run(folder, "bindings", "--check")).toEqual(
      differs(
        'line 12 is "@inline export const x: Position_x = changetype<Position_x>(0);" and should be ' +
          '"@inline export const y: Position_y = changetype<Position_y>(0);"',
      ),
    );
    expect(bindingsOf(folder)).toBe(both);

    writeFiles(folder, { "components.js": javascript, "scripts/components.ts": `${both}more\n` });
    const lines = both.split("\n").length;
    expect(fusewire.run(folder, "bindings", "--check").stderr).toContain(
      `line ${lines} is "more" and should be ""`,
    );
  });
});

describe("fusewire bindings --watch", () => {
  test.each([[["vite"]], [["tsx"]]])("writes again after each change, with %s", async (tools) => {
    const folder = game(typescript, tools);
    const watching = fusewire.start(folder, "bindings", "--watch");
    try {
      await watching.printed("scripts/components.ts written");
      expect(bindingsOf(folder)).toBe(both);

      writeFiles(folder, { "src/layer.ts": "export enum Layer {" });
      await watching.printed("src/components.ts can't be loaded");
      expect(bindingsOf(folder)).toBe(both);

      const Layered = typescript["src/components.ts"].replace("[Position]", "[Position, unlisted]");
      writeFiles(folder, { ...typescript, "src/components.ts": Layered });
      await watching.printed("scripts/components.ts written");
      expect(bindingsOf(folder)).toContain("export namespace Unlisted {");
    } finally {
      watching.stop();
    }
  });

  test("watches what modules import from other folders", async () => {
    const folder = game(
      {
        "components.ts": `export { Position, Drone } from "./deep/down/components.ts";`,
        "deep/down/components.ts": javascript,
      },
      ["vite"],
    );
    const watching = fusewire.start(folder, "bindings", "--watch");
    try {
      await watching.printed("scripts/components.ts written");
      writeFiles(folder, { "deep/down/components.ts": javascript.replace("x:", "y:") });
      await watching.printed("scripts/components.ts written");
      expect(bindingsOf(folder)).toContain("y: Position_y");
    } finally {
      watching.stop();
    }
  });
});

describe("fusewire bindings says what is wrong:", () => {
  const define = `import { defineComponent } from "fusewire/engine";\n`;

  test.each([
    ["no such module", [], ["--from", "game.js"], "there is no module game.js"],
    ["a folder", [], ["--from", "node_modules"], "node_modules is not a file"],
    [
      "nothing exported",
      "export const a = 1, b = null;",
      [],
      "components.js exports no components, prefabs, messages or queries, but a, b; export them one by one, or as lists called components, prefabs, messages and queries",
    ],
    [
      "a list that is none",
      "export const components = 3;",
      [],
      "components.js: components has to be a list of what defineComponent returns",
    ],
    [
      "a list of something else",
      `export const prefabs = ["Drone"];`,
      [],
      "components.js: prefabs[0] has to be what definePrefab returns",
    ],
    [
      "a name that scripts have no room for",
      `${define}export const A = defineComponent("Entity", {});`,
      [],
      "a component can't be called Entity in scripts",
    ],
    [
      "a field that scripts have no room for",
      `${define}export const A = defineComponent("A", { delete: "f32" });`,
      [],
      `A.delete: the word "delete" is reserved in scripts`,
    ],
    [
      "a name twice",
      `${define}export const A = defineComponent("A", {}), B = defineComponent("A", {});`,
      [],
      "components.js: there are two that are called A",
    ],
    [
      "a folder in the file's place",
      javascript,
      ["--out", "folder.ts"],
      "folder.ts can't be read: it is a folder",
    ],
    [
      "a file in the folder's place",
      javascript,
      ["--out", "components.js/bindings.ts"],
      "components.js/bindings.ts can't be read: a part of its path is a file",
    ],
  ])("%s", (_what, module, args, message) => {
    const folder = game(typeof module === "string" ? { "components.js": module } : {});
    mkdirSync(join(folder, "folder.ts"));
    expect(fusewire.run(folder, "bindings", ...args)).toEqual(failed(message));
  });

  test.each(["vite", "tsx", "node"])("an error in a module, and where, with %s", (tool) => {
    const folder = game(
      { "components.js": `${define}\nexport const A = defineComponent("walker", {});` },
      tool === "node" ? [] : [tool],
    );
    const { code, stderr } = fusewire.run(folder, "bindings");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^fusewire bindings: components\.js can't be loaded: component name "walker" must be like "Position"/,
    );
    expect(stderr).toMatch(/components\.js:3:\d+/);
  });

  test("TypeScript that nothing here can load", () => {
    const folder = game(typescript);
    const { code, stderr } = fusewire.run(folder, "bindings");
    expect(code).toBe(1);
    if (Reflect.get(process.features, "typescript"))
      expect(stderr).toContain("src/components.ts can't be loaded");
    else {
      expect(stderr).toBe(
        "fusewire bindings: src/components.ts is TypeScript, which this Node can't load by itself: " +
          "npm install --save-dev vite (or tsx)\n",
      );
    }
  });

  test.each([
    [["--form", "a.ts"], "Unknown option '--form'"],
    [["a.ts"], "Unexpected argument 'a.ts'"],
    [["--from"], "Option '--from <value>' argument missing"],
    [["--check", "--watch"], "--check looks once; it doesn't go with --watch"],
    [["--out", "a.js"], "--out a.js: scripts import the file, so its name has to end in .ts"],
    [["--command", "a\nb"], "--command has to be one line"],
    [[], "which module exports the game's components? Name it with --from; there is none of src/"],
  ])("arguments %j", (args, message) => {
    const { code, stdout, stderr } = fusewire.run(game({}), "bindings", ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`fusewire bindings: ${message}`);
    expect(stderr).toContain("fusewire bindings --help tells what it takes");
  });
});

test("fusewire tells what it can do", () => {
  const folder = game({});
  const printed = fusewire.run(folder, "--help");
  expect(printed.code).toBe(0);
  expect(printed.stdout).toContain("  bindings    writes scripts' view");
  expect(fusewire.run(folder)).toEqual({ ...printed, code: 2 });
  const { code, stdout } = fusewire.run(folder, "bindings", "--watch", "--help");
  expect(code).toBe(0);
  for (const option of ["--from", "--out", "--check", "--watch", "--command"]) {
    expect(stdout).toContain(`\n  ${option}`);
  }
  expect(fusewire.run(folder, "bind")).toEqual({
    code: 2,
    stdout: "",
    stderr: "fusewire: there is no command 'bind'; there is: bindings, replay\n",
  });
});
