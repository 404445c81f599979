// Codes that TypeScript and AssemblyScript both read.

/** How a defined function gets at the fuel. */
export enum Convention {
  /** Costs the same on every way through, so its callers charge it and its body stays as it is. */
  fixed = 0,
  /** Takes the fuel as an extra parameter and gives it back as an extra result. */
  threaded = 1,
  /** Keeps its type, because tail calls tie it to others', and passes fuel through the global. */
  shared = 2,
}

/** A function's byte in the section of claims: how it gets at its fuel. */
export enum Claim {
  none = 0,
  threaded = 1,
  threadedDeep = 2,
  shared = 3,
  sharedDeep = 4,
  /** Added to the others: the function checks fuel and depth before it calls anything of its own group. */
  counted = 8,
}

/** Why a guest stopped itself. */
export enum StopReason {
  none = 0,
  stackOverflow = 1,
  growFailed = 2,
}
