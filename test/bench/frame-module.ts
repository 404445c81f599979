import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings } from "../../scripting/index.ts";
import { encodeBytes } from "./encoded.ts";
import { Body, Mischief } from "./frame-components.ts";

const source = `
import { Entity, Time } from "fusewire/sdk";
import { Body, Mischief } from "./components";

const kept: StaticArray<u8>[] = [];
function deep(n: i32): i32 { return n < 0 ? 0 : deep(n + 1) * 3 + 1; }
function endless(): void { while (true) {} }
function flood(self: Entity): void { for (let i = 0; i < 1_000_000; i++) Body.has(self); }

export function onUpdate(self: Entity): void {
  Body.x[self] += Mathf.cos(Body.y[self]) * Body.speed[self] * Time.delta;
  Body.y[self] += Mathf.sin(Body.x[self]) * Body.speed[self] * Time.delta;
  switch (Mischief.kind[self]) {
    case 1: endless(); break;
    case 2: Body.x[self] = <f32>deep(0); break;
    case 3: unreachable(); break;
    case 4: flood(self); break;
    case 5: while (true) kept.push(new StaticArray<u8>(1 << 16));
  }
}
`;

/** The module, in base64. */
export async function frameModule(): Promise<string> {
  const files = new Map([
    ["scripts/mixed.ts", source],
    ["scripts/components.ts", generateBindings([Body, Mischief], [])],
  ]);
  const { sdk } = diskSources(".");
  const entry = "scripts/mixed.ts";
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  return encodeBytes(result.binary.bytes);
}
