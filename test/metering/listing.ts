import wabtFactory from "wabt";
import {
  beginExport,
  depthExport,
  fuelExport,
  memoryExport,
  remainingExport,
  stopExport,
} from "../../scripting/metering/protocol.ts";

const wabt = await wabtFactory();

/** A module's text, everything in it named. */
function namedText(bytes: Uint8Array): string {
  const features = { tail_call: true, multi_value: true, reference_types: true, simd: true };
  const module = wabt.readWasm(bytes, { ...features, bulk_memory: true, readDebugNames: true });
  try {
    module.generateNames();
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}

/** What every metered module has alike. */
const commonExports = [
  fuelExport,
  depthExport,
  stopExport,
  beginExport,
  remainingExport,
  memoryExport,
].map((name) => `(export "${name}"`);
const commonFunctions = [beginExport, remainingExport].map((name) => `(func $${name} `);

/**
 * The part of a metered module's text that its input makes: functions, function exports, a start
 * function and elements. Types are written where they are used.
 */
export function listing(bytes: Uint8Array): string {
  const [, ...lines] = namedText(bytes).trimEnd().split("\n");
  const items: string[] = [];
  const signatures = new Map<string, string>();
  for (const line of lines) {
    // An item begins at the module's own indentation, what is in it is farther in.
    if (line.startsWith("  (")) items.push(line.slice(2));
    else items[items.length - 1] += `\n${line.slice(2)}`;
  }
  // The module's own parenthesis.
  items[items.length - 1] = items.at(-1)?.slice(0, -1) ?? "";
  for (const item of items) {
    const [, name, signature] = /^\(type (\$\S+) \(func ?(.*)\)\)$/.exec(item) ?? [];
    if (name !== undefined && signature !== undefined) signatures.set(name, signature);
  }
  const shown = items.filter(
    (item) =>
      (item.startsWith("(func ") ||
        item.startsWith("(export ") ||
        item.startsWith("(start ") ||
        item.startsWith("(elem ")) &&
      ![...commonExports, ...commonFunctions].some((start) => item.startsWith(start)),
  );
  const text = shown.map((item) =>
    item
      .replace(/^(\(func \S+) \(type \$[^)]*\)/, "$1")
      .replace(/\(type (\$[^)\s]+)\)/g, (_, name: string) => signatures.get(name) ?? name),
  );
  return `${text.join("\n")}\n`;
}
