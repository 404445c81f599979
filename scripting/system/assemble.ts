import { systemClock } from "../../engine/index.ts";
import { FaultCaptures } from "../faults/captures.ts";
import { linkHost } from "../host/index.ts";
import type { InputState } from "../host/input.ts";
import { ScriptLog } from "../host/log.ts";
import { Neighbours } from "../host/neighbours.ts";
import { hostPrices } from "../host/prices.ts";
import { RandomNumbers } from "../host/random.ts";
import type { FrameTime } from "../host/time.ts";
import { WorldView } from "../host/view.ts";
import { limitProfiles, type ResourceLimits, resolveLimits } from "../limits.ts";
import { Linker } from "../runtime/linker.ts";
import type { TransactionHooks } from "../runtime/open-call.ts";
import { ScriptRuntime } from "../runtime/runtime.ts";
import type { CallInfo } from "./call-info.ts";
import type { SystemCore } from "./core.ts";
import { Deliveries } from "./deliveries.ts";
import { Departures } from "./departures.ts";
import { EventHub } from "./events.ts";
import { FieldAccess } from "./field-access.ts";
import { FixedRunner } from "./fixed-runner.ts";
import { FrameRunner } from "./frame-runner.ts";
import { Lags } from "./lags.ts";
import { Loader } from "./loader.ts";
import { Messages } from "./messages.ts";
import { namedQueries } from "./named-queries.ts";
import { checkCallTime, checkOption, type ScriptSystemOptions } from "./options.ts";
import { resolvePolicy } from "./policy.ts";
import { openPolicy, resolveScriptPolicy } from "./script-policy.ts";
import { Strikes } from "./strikes.ts";
import { Structure } from "./structure.ts";
import { Transaction } from "./transaction.ts";
import { WindowRunner } from "./window-runner.ts";

/** The parts of a script system. */
export interface SystemParts {
  readonly core: SystemCore;
  readonly loader: Loader;
  readonly departures: Departures;
  readonly deliveries: Deliveries;
  readonly fixed: FixedRunner;
  readonly structure: Structure;
  readonly runner: FrameRunner;
  readonly log: ScriptLog;
  readonly random: RandomNumbers;
  /** Whether scripts' memory can be saved. */
  readonly snapshots: boolean;
}

/**
 * Puts a script system together.
 * @param time where the system keeps what scripts are told about the frame.
 */
export function assemble(
  options: ScriptSystemOptions,
  frameBudgetMs: number,
  input: InputState,
  time: { readonly current: FrameTime },
): SystemParts {
  const core = createCore(options, frameBudgetMs);
  const { call, events, transaction, view } = core;
  const linesPerFrame = checkOption("logLinesPerFrame", options.logLinesPerFrame ?? 16, 0);
  const log = new ScriptLog(linesPerFrame, (line) => events.post({ type: "log", ...line }));
  const random = new RandomNumbers(options.seed ?? 1, call);
  const forgotten = (name: string): void => {
    log.forget(name);
    random.forget(name);
  };
  const linker = new Linker();
  linkHost(linker, {
    world: view,
    time: () => time.current,
    input,
    random,
    log,
    spawnsPerCall: checkOption("spawnsPerCall", options.spawnsPerCall ?? 32, 0),
    maySpawn: () => call.hook !== 0,
    messages: core.messages,
    queries: core.queries,
    neighbours: core.neighbours,
    fields: core.fields,
    call,
    maySend: () => call.hook !== 0,
  });
  options.link?.(linker);
  const runtime = new ScriptRuntime({
    linker,
    limits: frameLimits(frameBudgetMs, options.limits),
    nowMs: () => core.clock.nowMs(),
    transaction: hooksOf(transaction, call),
    owns: (entity) => transaction.hasSpawned(entity),
    guestText: options.guestText === true,
    ...(options.allocation === undefined ? {} : { allocation: options.allocation }),
  });
  const kept = checkOption("faultCaptures", options.faultCaptures ?? 0, 0);
  if (kept > 0) {
    const says = options.guestText === true;
    core.captures = new FaultCaptures(core, runtime, log, Math.floor(kept), says);
  }
  const policy = resolveScriptPolicy(core, linker, openPolicy, options.scriptPolicy);
  const strikes = new Strikes(core);
  const windows = new WindowRunner(core, strikes, log);
  const departures = new Departures(core, strikes);
  const mostDelta = checkOption("maxDeltaMs", options.maxDeltaMs ?? 250, 0) / 1000;
  const lags = new Lags(call, mostDelta);
  return {
    core,
    loader: new Loader(core, runtime, linker, {
      policy,
      forgotten,
      windows: options.windows ?? true,
      snapshots: options.snapshots === true,
    }),
    departures,
    deliveries: new Deliveries(core, strikes, windows),
    fixed: new FixedRunner(core, strikes, windows),
    structure: new Structure(core, departures),
    runner: new FrameRunner(core, strikes, windows, lags, options.profilerMarks === true),
    log,
    random,
    snapshots: options.snapshots === true,
  };
}

/**
 * The `frame` profile with overrides, no call of which takes longer than all of a frame's scripts.
 * @throws RangeError for a call that is given more.
 */
function frameLimits(
  frameBudgetMs: number,
  overrides: Partial<ResourceLimits> = {},
): ResourceLimits {
  checkCallTime(frameBudgetMs, overrides);
  const callTimeMs = Math.min(limitProfiles.frame.callTimeMs, frameBudgetMs);
  return resolveLimits({ ...limitProfiles.frame, callTimeMs }, overrides);
}

function createCore(
  {
    world,
    clock,
    policy = {},
    onEvent,
    messages: types = [],
    queries = [],
    maxMessages = 65_536,
    messagesPerCall = 64,
    positions,
  }: ScriptSystemOptions,
  frameBudgetMs: number,
): SystemCore {
  resolvePolicy(policy);
  const messages = new Messages(
    types,
    checkOption("maxMessages", maxMessages, 1),
    checkOption("messagesPerCall", messagesPerCall, 0),
  );
  const transaction = new Transaction(world, undefined, messages.outbox);
  const view = new WorldView(world, transaction);
  const events = new EventHub(() => transaction.open);
  if (onEvent !== undefined) events.onAny(onEvent);
  return {
    world,
    view,
    transaction,
    messages,
    queries: namedQueries(world, queries),
    captures: undefined,
    fields: new FieldAccess(view),
    neighbours: positions && new Neighbours(view, positions, searchPrices),
    events,
    policy,
    clock: clock ?? systemClock,
    frameBudgetMs,
    call: { serial: 0, hook: 0, frame: 0, nth: 0, lag: 0 },
    slots: [],
    report: { timeMs: 0, calls: 0, fuel: 0, messages: 0, deferred: 0, faults: 0 },
  };
}

const searchPrices = { row: hostPrices["query.row"].fuel, item: hostPrices["query.item"].fuel };

/** A module's top-level code runs with every restart, so what it does to the world never stands. */
function hooksOf(transaction: Transaction, call: CallInfo): TransactionHooks {
  return {
    begin: () => transaction.begin(),
    commit: () => (call.hook === 0 ? transaction.rollback() : transaction.commit()),
    rollback: () => transaction.rollback(),
  };
}
