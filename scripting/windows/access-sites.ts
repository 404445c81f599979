import { InstructionCursor } from "../wasm/instructions.ts";
import type { Body, WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/op.ts";
import type { ColumnAccess } from "./column-access.ts";
import { ownSites } from "./own-sites.ts";

/** Whose columns a module accesses, as far as can be seen. */
export interface AccessSites {
  /** Fields that it accesses of its own entity, or may. */
  readonly own: ReadonlySet<string>;
  /** Fields that it reads of others, or may. */
  readonly others: ReadonlySet<string>;
  /** Where hooks access their own entity for certain: offsets of calls. */
  readonly calls: ReadonlySet<number>;
  /** The field of handles by which it finds others most; undefined when there is none. */
  readonly link: string | undefined;
}

/**
 * Finds whose columns a module's functions access. A hook is told its own entity; what it accesses by another value is
 * taken for another one's.
 * @param hooks of defined functions, and whether they are told.
 * @param accesses what the n-th imported function accesses.
 */
export function findSites(
  module: WasmModule,
  hooks: readonly { readonly f: number; readonly takesSelf: boolean }[],
  accesses: ReadonlyMap<number, ColumnAccess>,
): AccessSites {
  const own = new Set<string>();
  const others = new Set<string>();
  const calls = new Set<number>();
  const byLink = new Map<string, number>();
  const isLink = (i: number): boolean => {
    const access = accesses.get(i);
    return access?.kind === "get" && access.type === "entity";
  };
  const hasLinks = [...accesses.keys()].some(isLink);
  const isRead = (i: number): boolean => accesses.has(i);
  const cursor = new InstructionCursor(module.bytes);
  for (let f = 0; f < module.bodies.length; f++) {
    const { codeStart, end } = module.bodies[f] as Body;
    const hook = hooks.find((h) => h.f === f && h.takesSelf);
    const isPlain = hook !== undefined && !writesFirstLocal(module, f);
    const walked = isPlain || hasLinks ? ownSites(module, f, isRead, isLink) : undefined;
    const found = isPlain ? walked : undefined;
    for (const [i, count] of walked?.linked ?? []) {
      const { field } = accesses.get(i) as ColumnAccess;
      byLink.set(field, (byLink.get(field) ?? 0) + count);
    }
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      const access = cursor.op === Op.call ? accesses.get(cursor.a) : undefined;
      if (access === undefined) continue;
      const { start } = cursor;
      const isOwn = found?.certain.has(start) === true;
      if (isOwn) calls.add(start);
      if (isOwn || found === undefined || found.likely.has(start)) own.add(access.field);
      if (!isOwn && access.kind === "get") others.add(access.field);
    }
  }
  const [link] = [...byLink].sort(([, a], [, b]) => b - a)[0] ?? [];
  return { own, others, calls, link };
}

/** Whether a defined function writes its first parameter. */
export function writesFirstLocal(module: WasmModule, f: number): boolean {
  const { codeStart, end } = module.bodies[f] as Body;
  const cursor = new InstructionCursor(module.bytes);
  cursor.seek(codeStart, end);
  while (!cursor.done) {
    cursor.next();
    const { op, a } = cursor;
    if (a === 0 && (op === Op.localSet || op === Op.localTee)) return true;
  }
  return false;
}
