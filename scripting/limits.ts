/**
 * What one script may use. Every limit holds from the first instruction, the module's start
 * included. `Infinity` means none; nothing else does.
 */
export interface ResourceLimits {
  /**
   * Fuel for one call from the host, host functions' prices included; a plain instruction costs 1.
   * Past it the call ends in `out-of-fuel`. A call finishes if and only if its exact cost is at
   * most this, however the clock runs.
   */
  readonly fuelPerCall: number;
  /**
   * Wall-clock time for one call, in milliseconds. Past it the call ends in `deadline`. Looked at
   * whenever a slice of fuel is used up, with 0.15 ms of it, or 7.5 % if that is less, kept for
   * stopping; it does not interrupt a host function.
   */
  readonly callTimeMs: number;
  /**
   * Linear memory, in bytes, rounded down to whole 64 KiB pages. `memory.grow` past it returns -1
   * to the guest; a trap after that is reported as `memory-limit`. A module that needs more from
   * the start is refused. Does not cover what the engine needs to hold the compiled code.
   */
  readonly memoryBytes: number;
  /**
   * Depth of recursive calls, in frames of up to 16 values (parameters, locals and operands of a
   * function); larger frames count in proportion. At most 2,500.
   * Past it the call ends in `stack-overflow`.
   */
  readonly callDepth: number;
  /** Host function calls in one call from the host. Past it: `host-call-limit`. */
  readonly hostCallsPerCall: number;
  /** Bytes of one string or buffer that crosses between host and guest. Past it: `host-error`. */
  readonly payloadBytes: number;
  /** Size of a module, in bytes. Past it admission refuses. */
  readonly moduleBytes: number;
  /** Size of one function's body, in bytes. Past it admission refuses. */
  readonly functionBytes: number;
  /**
   * Elements of one table. `table.grow` past it returns -1; larger from the start is refused, and so
   * is a module that fills its tables with more than that when it is instantiated.
   */
  readonly tableElements: number;
}

/** The limits that hold for a call; the others are built into a module when it is loaded. */
export type CallLimits = Pick<ResourceLimits, (typeof callLimitNames)[number]>;

const callLimitNames = [
  "fuelPerCall",
  "callTimeMs",
  "callDepth",
  "hostCallsPerCall",
  "payloadBytes",
] as const satisfies readonly (keyof ResourceLimits)[];

const kib = 1024;
const mib = 1024 * kib;

const development: ResourceLimits = {
  fuelPerCall: 10_000_000,
  callTimeMs: 5_000,
  memoryBytes: 64 * mib,
  callDepth: 1_000,
  hostCallsPerCall: 1_000_000,
  payloadBytes: mib,
  moduleBytes: 16 * mib,
  functionBytes: mib,
  tableElements: 100_000,
};

/** Named sets of limits. A script system uses `frame`; a bare runtime `production`. */
export const limitProfiles = {
  /** Generous, for scripts still being written: 10,000,000 fuel, 64 MiB, 5 s. */
  development,
  /** For reviewed scripts called now and then: 1,000,000 fuel, 16 MiB, 1 s. */
  production: {
    ...development,
    fuelPerCall: 1_000_000,
    callTimeMs: 1_000,
    memoryBytes: 16 * mib,
    hostCallsPerCall: 100_000,
    payloadBytes: 256 * kib,
    moduleBytes: 4 * mib,
    functionBytes: 256 * kib,
    tableElements: 10_000,
  },
  /** For code nobody has seen: 100,000 fuel, 1 MiB, 100 ms. */
  strict: {
    fuelPerCall: 100_000,
    callTimeMs: 100,
    memoryBytes: mib,
    callDepth: 256,
    hostCallsPerCall: 10_000,
    payloadBytes: 64 * kib,
    moduleBytes: mib,
    functionBytes: 64 * kib,
    tableElements: 1_000,
  },
  /** For one entity in one frame: 100,000 fuel, 4 MiB, 2 ms. */
  frame: {
    fuelPerCall: 100_000,
    callTimeMs: 2,
    memoryBytes: 4 * mib,
    callDepth: 256,
    hostCallsPerCall: 2_000,
    payloadBytes: 16 * kib,
    moduleBytes: mib,
    functionBytes: 64 * kib,
    tableElements: 1_000,
  },
  /** No limits. Only for code that is trusted like the host's own. */
  unlimited: {
    fuelPerCall: Infinity,
    callTimeMs: Infinity,
    memoryBytes: Infinity,
    callDepth: 2_500,
    hostCallsPerCall: Infinity,
    payloadBytes: Infinity,
    moduleBytes: Infinity,
    functionBytes: Infinity,
    tableElements: Infinity,
  },
} as const satisfies Record<string, ResourceLimits>;

/** Smallest useful value of each limit: below it no module could load or no call could start. */
const minimums: ResourceLimits = {
  fuelPerCall: 0,
  callTimeMs: 0,
  memoryBytes: 0,
  callDepth: 1,
  hostCallsPerCall: 0,
  payloadBytes: 0,
  moduleBytes: 8,
  functionBytes: 2,
  tableElements: 0,
};

/** Frames of 192 bytes that fit an engine's default stack, half of which is kept for the host. */
const maxCallDepth = 2_500;

/**
 * Completes partial limits from a base and checks every value.
 * @throws RangeError naming the limit and the value, for NaN, negative, fractional or misspelt limits; only
 * `callTimeMs` may be fractional. TypeError for what is no set of limits at all.
 */
export function resolveLimits(
  base: ResourceLimits,
  overrides: Partial<ResourceLimits> = {},
): ResourceLimits {
  checkLimitSet(overrides);
  for (const name of Object.keys(overrides)) {
    if (!Object.hasOwn(minimums, name)) {
      throw new RangeError(`unknown limit "${name}"; known: ${Object.keys(minimums).join(", ")}`);
    }
  }
  const limits: ResourceLimits = { ...base, ...overrides };
  for (const name of Object.keys(minimums) as (keyof ResourceLimits)[]) {
    const value: unknown = limits[name];
    if (typeof value !== "number" || Number.isNaN(value) || value < minimums[name]) {
      throw new RangeError(
        `limit ${name} must be a number of at least ${minimums[name]}, not ${String(value)}`,
      );
    }
    // Fuel is counted in integers, and so is all else but time.
    if (name !== "callTimeMs" && value !== Infinity && !Number.isInteger(value)) {
      throw new RangeError(`limit ${name} must be a whole number, not ${value}`);
    }
  }
  if (limits.callDepth > maxCallDepth) {
    throw new RangeError(
      `limit callDepth must be at most ${maxCallDepth}, not ${limits.callDepth}: ` +
        "the engine's own stack ends there",
    );
  }
  return Object.freeze(limits);
}

function checkLimitSet(limits: unknown): void {
  if (typeof limits === "object" && limits !== null && !Array.isArray(limits)) return;
  const shown = typeof limits === "string" ? `"${limits}"` : String(limits);
  throw new TypeError(
    `limits are an object, like { fuelPerCall: 50_000 } or one of limitProfiles; not ${shown}`,
  );
}

/**
 * A script's limits with other ones for its calls.
 * @throws RangeError and TypeError like {@link resolveLimits}, and RangeError for a limit that a loaded module can't change.
 */
export function resolveCallLimits(
  base: ResourceLimits,
  overrides: Partial<CallLimits>,
): ResourceLimits {
  checkLimitSet(overrides);
  for (const name of Object.keys(overrides)) {
    const isCallLimit = (callLimitNames as readonly string[]).includes(name);
    if (!isCallLimit && Object.hasOwn(minimums, name)) {
      throw new RangeError(
        `limit ${name} is built into a module when it is loaded; load it again to change that`,
      );
    }
  }
  return resolveLimits(base, overrides);
}
