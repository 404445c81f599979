import { pageBytes } from "../admission/admit.ts";
import type { WasmModule } from "../wasm/module.ts";
import { dataEndOf } from "./data-end.ts";
import type { Reach } from "./reach.ts";
import { layOutTable } from "./table-layout.ts";
import { leastRows } from "./window-column.ts";
import {
  layOutWindow,
  rowsBehind,
  type WindowContents,
  type WindowLayout,
  type WindowReservation,
  writesHandle,
} from "./window-layout.ts";

/** What a module may take for a {@link TableLayout}. */
export interface TableRoom {
  /** Indices of the world's entities are below this. */
  readonly entities: number;
  /** Most pages of memory, the module's own included. */
  readonly pages: number;
}

/** Where a module's window is, and what it takes. */
export interface PlacedWindow {
  readonly layout: WindowLayout;
  /** The same memory as a window whose rows are those of calls; undefined where that wouldn't do. */
  readonly inOrder: WindowLayout | undefined;
  /** Pages that are added to the module's memory. */
  readonly addedPages: number;
}

/** What a table may take that only saves time where entities are in no order: that of 100,000 with ten numbers. */
const mostPagesForOrder = 64;

/**
 * Finds a place for what a module accesses: a table where that is worth it, else what it has reserved; behind its memory
 * where nobody else writes there.
 * @param finds whether it asks for what it has found.
 * @returns undefined where there is no room.
 */
export function placeWindow(
  module: WasmModule,
  contents: WindowContents,
  reach: Reach,
  reservation: WindowReservation,
  finds: boolean,
  room: TableRoom | undefined,
): PlacedWindow | undefined {
  const ownPages = module.memories[0]?.min ?? 0;
  const mostAdded = room !== undefined && leavesMemory(module, reach) ? room.pages - ownPages : 0;
  if (room !== undefined && mostAdded > 0 && contents.writesHandles) {
    if (isWorthTable(contents)) {
      const { layout, pages } = layOutTable(contents, finds, room.entities, ownPages);
      if (pages <= mostAdded) return { layout, inOrder: undefined, addedPages: pages };
    } else {
      const plain = layOutPlain(contents, room.entities, ownPages);
      if (plain !== undefined && plain.addedPages <= mostAdded) return plain;
    }
  }
  const isBehind = mostAdded > 0;
  const behind = { address: ownPages * pageBytes, bytes: pageBytes, isBehind };
  const layout = layOutWindow(contents, isBehind ? behind : reservation);
  return layout && { layout, inOrder: undefined, addedPages: layout.isBehind ? 1 : 0 };
}

/** A table of a module that has to do with its own entities only, and the same as a window of rows in order. */
function layOutPlain(
  contents: WindowContents,
  entities: number,
  firstPage: number,
): PlacedWindow | undefined {
  const { accesses, others } = contents;
  const rows = Math.min(rowsBehind(accesses), entities);
  // Handles that are written in order wait to be looked at.
  if (rows < leastRows || others.length > 0 || accesses.some(writesHandle)) return undefined;
  const { layout, pages } = layOutTable(contents, false, entities, firstPage);
  if (pages > mostPagesForOrder) return undefined;
  return { layout, inOrder: { ...layout, rows, table: undefined }, addedPages: pages };
}

/** Whether a module has to do with others or with messages, and needs the host for no own field of others. */
function isWorthTable({ others, messages, sends }: WindowContents): boolean {
  if (others.some(({ own }) => own !== undefined)) return false;
  return others.length > 0 || messages.length > 0 || sends.length > 0;
}

/** Whether pages can be added behind a module's memory, and are the host's alone then. */
function leavesMemory(module: WasmModule, { usesMemory }: Reach): boolean {
  const [memory] = module.memories;
  if (usesMemory || module.importedMemoryCount > 0 || memory === undefined) return false;
  // Data that don't fit are refused when an instance is made.
  return dataEndOf(module) <= memory.min * pageBytes;
}
