import { HostError } from "../errors.ts";
import { GuestStop, isStackExhaustion } from "./guest-stop.ts";
import type { HostContext, HostFunction } from "./host-function.ts";
import type { LinkedFunction } from "./linked-module.ts";

/** What a guarded host function needs of the script that calls it. */
export interface GuardedScript {
  /** The stop that is under way; a host function that swallows it doesn't save the guest. */
  readonly pendingStop: GuestStop | undefined;
  /** Rises with every call from the host. */
  readonly callNumber: number;
  /** A function of the host runs that doesn't count as a host call. */
  reachHost(): void;
  /** Counts a host call. @throws GuestStop past the limit. */
  countHostCall(): void;
  /** Marks the call as stopped; throw the result. */
  stop(stop: GuestStop): GuestStop;
}

/**
 * Wraps a host function for one script: counted, held to its quota, its result checked, and
 * whatever it throws turned into a stop of the guest that never unwinds into the game.
 */
export function guardHostFunction(
  script: GuardedScript,
  context: HostContext,
  linked: LinkedFunction,
): WebAssembly.ImportValue {
  const { module, name, spec, run } = linked;
  const label = `${module}.${name}`;
  const wantsBigInt = spec.results[0] === "i64";
  const hasResult = spec.results.length > 0;
  const perCall = spec.perCall ?? Infinity;
  const { checked, refuse } = floatCheck(label, linked);
  let countedCall = -1;
  let count = 0;

  const enter = (): void => {
    if (script.pendingStop !== undefined) throw script.pendingStop;
    script.countHostCall();
    if (perCall === Infinity) return;
    if (countedCall !== script.callNumber) {
      countedCall = script.callNumber;
      count = 0;
    }
    if (++count > perCall) {
      throw script.stop(
        new GuestStop(
          "host-call-limit",
          `${label} was called more than ${perCall} times in a call`,
        ),
      );
    }
  };
  const leave = (result: unknown): unknown => {
    if (typeof result === "object" && isPromise(result)) {
      // Nobody else will ever look at how it ends.
      result.then(ignore, ignore);
      const message = `${label} returned a promise: a guest can't wait, so a host function has to finish at once`;
      throw script.stop(new GuestStop("host-error", message));
    }
    if (script.pendingStop !== undefined) throw script.pendingStop;
    if (!hasResult) return undefined;
    if (typeof result !== (wantsBigInt ? "bigint" : "number")) {
      const message = `${label} returned ${typeof result}, its signature says ${spec.results[0]}`;
      throw script.stop(new GuestStop("host-error", message));
    }
    return result;
  };
  const fail = (thrown: unknown): GuestStop => {
    if (script.pendingStop !== undefined) return script.pendingStop;
    if (isStackExhaustion(thrown)) {
      return script.stop(new GuestStop("stack-overflow", `the stack ran out inside ${label}`));
    }
    // A refusal says itself what it is about; anything else is named by the function it came from.
    if (thrown instanceof HostError)
      return script.stop(new GuestStop("host-error", thrown.message));
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return script.stop(new GuestStop("host-error", `${label}: ${text}`));
  };

  // One closure for each arity: a rest parameter would allocate an array on every call. Only NaN and the
  // infinities differ from themselves by something other than 0.
  const [checksA, checksB, checksC] = checked;
  switch (spec.params.length) {
    case 0:
      return () => {
        try {
          enter();
          return leave(run(context));
        } catch (thrown) {
          throw fail(thrown);
        }
      };
    case 1:
      return (a: number) => {
        try {
          enter();
          if (checksA && a - a !== 0) refuse(1, a);
          return leave(run(context, a));
        } catch (thrown) {
          throw fail(thrown);
        }
      };
    case 2:
      return (a: number, b: number) => {
        try {
          enter();
          if (checksA && a - a !== 0) refuse(1, a);
          if (checksB && b - b !== 0) refuse(2, b);
          return leave(run(context, a, b));
        } catch (thrown) {
          throw fail(thrown);
        }
      };
    case 3:
      return (a: number, b: number, c: number) => {
        try {
          enter();
          if (checksA && a - a !== 0) refuse(1, a);
          if (checksB && b - b !== 0) refuse(2, b);
          if (checksC && c - c !== 0) refuse(3, c);
          return leave(run(context, a, b, c));
        } catch (thrown) {
          throw fail(thrown);
        }
      };
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      // Those beyond the function's own are undefined.
      return (
        a: number,
        b: number,
        c: number,
        d: number,
        e: number,
        f: number,
        g: number,
        h: number,
      ) => {
        try {
          enter();
          if (checksA && a - a !== 0) refuse(1, a);
          if (checksB && b - b !== 0) refuse(2, b);
          if (checksC && c - c !== 0) refuse(3, c);
          if (checked[3] && d - d !== 0) refuse(4, d);
          if (checked[4] && e - e !== 0) refuse(5, e);
          if (checked[5] && f - f !== 0) refuse(6, f);
          if (checked[6] && g - g !== 0) refuse(7, g);
          if (checked[7] && h - h !== 0) refuse(8, h);
          return leave(runWide(run, spec.params.length, context, a, b, c, d, e, f, g, h));
        } catch (thrown) {
          throw fail(thrown);
        }
      };
    default:
      return (...args: number[]) => {
        try {
          enter();
          for (let i = 0; i < args.length; i++) {
            const value = args[i] as number;
            if (checked[i] && value - value !== 0) refuse(i + 1, value);
          }
          return leave((run as HostFunction)(context, ...args));
        } catch (thrown) {
          throw fail(thrown);
        }
      };
  }
}

/** Calls a function of 4 to 8 parameters with as many as it has. */
function runWide(
  run: HostFunction,
  count: number,
  context: HostContext,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
): unknown {
  switch (count) {
    case 4:
      return run(context, a, b, c, d);
    case 5:
      return run(context, a, b, c, d, e);
    case 6:
      return run(context, a, b, c, d, e, f);
    case 7:
      return run(context, a, b, c, d, e, f, g);
    default:
      return run(context, a, b, c, d, e, f, g, h);
  }
}

function isPromise(result: object | null): result is PromiseLike<unknown> {
  return typeof (result as { readonly then?: unknown } | null)?.then === "function";
}

function ignore(): void {}

/** Which parameters have to be finite, and what refuses one that isn't. */
function floatCheck(
  label: string,
  { spec }: LinkedFunction,
): { checked: readonly boolean[]; refuse: (argument: number, value: number) => never } {
  return {
    checked: spec.params.map(
      (type) => spec.anyFloat !== true && (type === "f32" || type === "f64"),
    ),
    refuse: (argument, value) => {
      throw new HostError(`${label}: argument ${argument} is ${value}, no finite number`);
    },
  };
}
