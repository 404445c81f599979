/** `npm run bindings`: writes scripts/components.ts from the game's components and prefabs. */
import { writeFile } from "node:fs/promises";
import { generateBindings } from "../scripting/index.ts";
import { components } from "./components.ts";
import { prefabs } from "./prefabs.ts";

const target = new URL("../scripts/components.ts", import.meta.url);
await writeFile(target, generateBindings(components, prefabs));
