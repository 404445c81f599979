import { createHash } from "node:crypto";
import { reservedPrefix } from "../../scripting/metering/protocol.ts";

const comparedMemoryBytes = 1 << 20;

/** What an instance's exports hold: the same text for the same state, metered or not. */
export function stateText(exports: WebAssembly.Exports): string {
  const parts: string[] = [];
  for (const [name, it] of Object.entries(exports)) {
    if (name.startsWith(reservedPrefix)) continue;
    if (it instanceof WebAssembly.Global) parts.push(`${name}=${globalText(it)}`);
    else if (it instanceof WebAssembly.Table) parts.push(`${name}: ${tableText(it)}`);
    else if (it instanceof WebAssembly.Memory) parts.push(`${name}: ${memoryText(it)}`);
  }
  return parts.join("; ");
}

function globalText(global: WebAssembly.Global): string {
  try {
    return valueText(global.value);
  } catch {
    // Vectors don't cross into JavaScript.
    return "v128";
  }
}

/** Of references only whether they are one: two runs have their own functions and objects. */
function valueText(value: unknown): string {
  if (value === null || (typeof value !== "function" && typeof value !== "object")) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  return "reference";
}

function tableText(table: WebAssembly.Table): string {
  const filled: number[] = [];
  for (let i = 0; i < table.length; i++) if (table.get(i) !== null) filled.push(i);
  return `${table.length} elements, ${filled.join(" ")} not null`;
}

function memoryText(memory: WebAssembly.Memory): string {
  const { buffer } = memory;
  const bytes = new Uint8Array(buffer, 0, Math.min(buffer.byteLength, comparedMemoryBytes));
  const hash = createHash("md5").update(bytes).digest("hex");
  return `${buffer.byteLength} bytes, hash ${hash}`;
}
