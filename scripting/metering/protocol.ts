/**
 * What a metered module and its host agree on. All names of the meter start with
 * {@link reservedPrefix}, and admission refuses a guest that uses one.
 */
export const reservedPrefix = "fusewire:";

/** Module name of the one import, `refill`. */
export const meterModule = "fusewire:meter";

/**
 * `refill(remaining: i32) -> i32`: called when the slice is used up, with what remains of it (mostly
 * negative). Returns the next slice (≥ 0) or throws to stop the call.
 */
export const refillName = "refill";

/** Exported globals, all `mut i32`. */
export const fuelExport = "fusewire:fuel";
/** Depth left for recursive calls; set by the host at each entry. */
export const depthExport = "fusewire:depth";
/** Why the guest stopped itself, see {@link StopReason}; set to 0 by the host at each entry. */
export const stopExport = "fusewire:stop";

/**
 * `begin(fuel: i32, depth: i32)` sets fuel and depth and clears the stop reason; `remaining() -> i32`
 * reads the fuel. One call each, where setting globals from outside takes ten times as long.
 */
export const beginExport = "fusewire:begin";
export const remainingExport = "fusewire:remaining";

/** Of a module with drivers, see `driver.ts`: each of them, and what they leave in their two globals. */
export const drivePrefix = "fusewire:drive:";
/** `row() -> i32`: the row that runs, or ran last. */
export const rowExport = "fusewire:row";
/** `driven() -> i32`: fuel that the finished rows of the last drive have used, refills left out. */
export const drivenExport = "fusewire:driven";

/** The module's start function, to be called by the host under a budget. */
export const startExport = "fusewire:start";
/** The guest's memory, when it has one of its own. */
export const memoryExport = "fusewire:memory";

/**
 * Custom section with a byte for each defined function: how it gets at its fuel. A claim, for the
 * verifier to hold the code against.
 */
export const claimsSection = "fusewire:claims";
/**
 * Custom section with the order in which functions can be verified, callees first: for each defined
 * function its index among them times two, plus 1 where a group begins. A cycle of calls stays in one
 * group. A claim, too.
 */
export const orderSection = "fusewire:order";
/** The n-th global of the guest's own, if it can change and was asked for; see `MeterOptions.exportState`. */
export function stateExport(global: number): string {
  return `fusewire:state:${global}`;
}

/** The n-th table, if that was asked for; see `MeterOptions.exportTables`. */
export function tableExport(table: number): string {
  return `fusewire:table:${table}`;
}

/** The driver of the n-th driven function. */
export function driveExport(n: number): string {
  return `${drivePrefix}${n}`;
}

/** Exported `mut i32` global: fuel price of a call to the n-th imported function. */
export function priceExport(importIndex: number): string {
  return `fusewire:price:${importIndex}`;
}
