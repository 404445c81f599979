// Plain numbers that TypeScript and AssemblyScript both read.

/** Longest function body that engines take, in bytes; they have agreed on this figure. */
export const engineFunctionBytes = 7_654_321;

/**
 * Between two checks a guest can burn at most about this much fuel (and one straight run of code),
 * so a budget is overrun by no more.
 */
export const maxUncheckedFuel = 8_192;

/**
 * The host's share in that bound: a call of an imported function counts as this much when checks
 * are placed, for its price isn't known yet. Above what a recursion may leave unchecked in each frame
 * as it unwinds, so that no host call is among that: thousands of frames' would wrap the fuel.
 */
export const assumedHostCallFuel = 512;

/**
 * A function in a cycle of calls may burn this much before its check of fuel and depth, and return
 * without having passed it; so calls that end a recursion are spared it.
 */
export const maxLeafFuel = 24;

/** Locals are zeroed at entry: a fuel for this many of them, charged with the entry. */
export const localsPerFuel = 8;

/** Highest price of one host call; keeps what can be charged between two checks far from wrapping. */
export const maxHostCallFuel = 1 << 20;

/** Highest slice a refill may return, for the same reason. */
export const maxSliceFuel = 1 << 28;
