import { nearestName } from "../runtime/nearest-name.ts";

/** What follows when a script's call for an entity faults. */
export interface FaultPolicy {
  /** Faults on one entity after which the script is disabled for that entity. Default 3. */
  readonly maxStrikes: number;
  /**
   * Faults on one entity from which on it is degraded: called in every second frame only, and with one more fault in
   * every fourth, until they no longer count. `Time.delta` covers the frames between; their fixed steps are missed, and
   * messages wait. Default: one less than `maxStrikes`, but 2 at least; `Infinity` for never.
   */
  readonly degradeStrikes: number;
  /** Frames the entity is skipped after its first strike; doubles with each further one. Default 1. */
  readonly backOffFrames: number;
  /** Longest back-off, in frames. Default 64. */
  readonly maxBackOffFrames: number;
  /**
   * Frames without a fault after which an entity's earlier strikes no longer count. Default 600,
   * ten seconds at 60 frames a second; `Infinity` for never.
   */
  readonly forgiveAfterFrames: number;
}

export const defaultFaultPolicy: FaultPolicy = Object.freeze({
  maxStrikes: 3,
  degradeStrikes: 2,
  backOffFrames: 1,
  maxBackOffFrames: 64,
  forgiveAfterFrames: 600,
});

const greatestStrikes = 255;

/**
 * Completes a partial policy and checks it.
 * @throws RangeError naming the setting and the value, or the setting that it hasn't got.
 */
export function resolvePolicy(overrides: Partial<FaultPolicy> = {}): FaultPolicy {
  checkSettings("policy for faults", overrides, defaultFaultPolicy);
  const { maxStrikes } = { ...defaultFaultPolicy, ...overrides };
  const degradeStrikes = Math.max(2, maxStrikes - 1);
  const policy = { ...defaultFaultPolicy, degradeStrikes, ...overrides };
  check("maxStrikes", policy.maxStrikes, 1, greatestStrikes);
  if (policy.degradeStrikes !== Infinity) {
    check("degradeStrikes", policy.degradeStrikes, 1, greatestStrikes);
  }
  check("backOffFrames", policy.backOffFrames, 0, 0x7fff_ffff);
  check("maxBackOffFrames", policy.maxBackOffFrames, 0, 0x7fff_ffff);
  if (policy.forgiveAfterFrames !== Infinity) {
    check("forgiveAfterFrames", policy.forgiveAfterFrames, 0, 0x7fff_ffff);
  }
  return Object.freeze(policy);
}

/** Frames to skip after the strike that makes it `strikes` in all. */
export function backOffFor(policy: FaultPolicy, strikes: number): number {
  const frames = Math.min(policy.backOffFrames * 2 ** (strikes - 1), policy.maxBackOffFrames);
  return Math.max(frames, periodFor(policy, strikes) - 1);
}

/** Frames from one call to the next for who has so many strikes: 1 unless it is degraded. */
export function periodFor({ degradeStrikes }: FaultPolicy, strikes: number): number {
  if (strikes < degradeStrikes) return 1;
  return strikes === degradeStrikes ? 2 : 4;
}

/** @throws RangeError for a setting that there isn't, with the one that may be meant. */
export function checkSettings(what: string, given: object, known: object): void {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(known, name)) continue;
    const nearest = nearestName(name, Object.keys(known));
    const hint = nearest === undefined ? "" : `; is "${nearest}" meant?`;
    throw new RangeError(
      `a ${what} has no "${name}"${hint || `; it has: ${Object.keys(known).join(", ")}`}`,
    );
  }
}

function check(name: keyof FaultPolicy, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `policy ${name} must be a whole number from ${least} to ${most}, not ${value}`,
    );
  }
}
