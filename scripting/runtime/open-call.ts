import { HostError } from "../errors.ts";
import type { ResourceLimits } from "../limits.ts";
import { CallBudget, OutOfBudget } from "./call-budget.ts";
import type { GuestInstance } from "./guest-instance.ts";
import { classifyTrap, GuestStop } from "./guest-stop.ts";
import type { GuardedScript } from "./host-guard.ts";

/** Makes what a call did to the host's own state stand or fall with the call. */
export interface TransactionHooks {
  begin(): void;
  commit(): void;
  rollback(): void;
}

/** What a call of the guest may use. */
export interface Grant {
  readonly fuel: number;
  readonly timeMs: number;
  /** All else. */
  readonly limits: ResourceLimits;
  /** Who has it, for messages: "a call". */
  readonly holder: string;
}

export interface OpenCallParts {
  /** What a call may use unless it is said when it begins. */
  readonly grant: Grant;
  readonly nowMs: () => number;
  readonly transaction: TransactionHooks | undefined;
  /** What took most of a call that ran out, for the message; empty when nobody counted. */
  readonly describeUse: () => string;
}

/** Who runs rows by a driver, and is told of those that the host has to do with. */
export interface DrivenRows {
  /** The call of a row of the window has reached the host for the first time. */
  meet(row: number): void;
}

/** Host → guest → host → guest: entries that may be open at once. Each halves the call depth. */
const maxEntries = 4;

/**
 * The call that a script is in: its fuel and time, what it may still ask of the host, and what stops
 * it. A host function may call the guest again; such an entry shares all of that.
 */
export class OpenCall implements GuardedScript {
  /**
   * Fuel of the call up to where its last entry ended. Of one that trapped, up to its last refill or call of
   * the host at least: what is left of a slice is in the guest's locals.
   */
  fuelUsed = 0;
  /** Of the last rows: what those used that finished. */
  finishedFuel = 0;
  /** Of the last rows: whether one was stopped for the time when all of them are, and not for its own. */
  isCut = false;
  readonly #budget: CallBudget;
  readonly #transaction: TransactionHooks | undefined;
  readonly #describeUse: () => string;
  #instance: GuestInstance | undefined;
  /** The open call's, or the last one's. */
  #grant: Grant;
  #stop: GuestStop | undefined;
  #entries = 0;
  #number = 0;
  #hostCalls = 0;
  /** Of all calls before. */
  #earlierHostCalls = 0;
  /** While rows are driven: one call after the other, that the host learns of when it is needed. */
  #rows: DrivenRows | undefined;
  /** The row whose call is open on the host's side; -1 for none. */
  #openRow = -1;
  /** First slice of each row's call. */
  #rowSlice = 0;
  /** Fuel that rows got beyond their first slices. */
  #refilledFuel = 0;

  constructor(parts: OpenCallParts) {
    this.#grant = parts.grant;
    this.#budget = new CallBudget(parts.nowMs);
    this.#transaction = parts.transaction;
    this.#describeUse = parts.describeUse;
  }

  /** Whether the guest is being called. */
  get isOpen(): boolean {
    return this.#entries > 0;
  }

  get pendingStop(): GuestStop | undefined {
    return this.#stop;
  }

  get callNumber(): number {
    return this.#number;
  }

  /** Calls of host functions since the script was loaded. */
  get totalHostCalls(): number {
    return this.#earlierHostCalls + this.#hostCalls;
  }

  /** Milliseconds since the call began. */
  elapsedMs(): number {
    return this.#budget.elapsedMs();
  }

  /**
   * Opens an entry; the outermost one starts the budget.
   * @returns what refuses it, if anything does.
   */
  enter(instance: GuestInstance, grant: Grant, startMs?: number): GuestStop | undefined {
    if (this.#entries === 0) {
      this.#instance = instance;
      this.#grant = grant;
      this.#number++;
      this.#earlierHostCalls += this.#hostCalls;
      this.#hostCalls = 0;
      this.#stop = undefined;
      this.fuelUsed = 0;
      instance.begin(this.#budget.begin(grant.fuel, grant.timeMs, startMs), grant.limits.callDepth);
      instance.loops?.reset();
      instance.loops?.grant(this.#budget.grantedFuel);
      this.#transaction?.begin();
      this.#entries = 1;
      return undefined;
    }
    const refusal = this.#stop ?? this.#refuseDepth();
    if (refusal === undefined) this.#openInner(instance);
    return refusal;
  }

  /**
   * Ends an entry that came back.
   * @returns what stopped the guest all the same.
   */
  leave(instance: GuestInstance): GuestStop | undefined {
    this.#entries--;
    const remaining = instance.fuel();
    this.fuelUsed = this.#budget.used(remaining);
    if (this.#budget.isOverdrawn(remaining)) this.#outOfFuel();
    if (this.#entries === 0) {
      if (this.#stop === undefined) this.#transaction?.commit();
      else this.#transaction?.rollback();
    }
    return this.#stop;
  }

  /** Ends an entry that threw; returns what stopped it. */
  abandon(instance: GuestInstance, thrown: unknown): GuestStop {
    this.#entries--;
    // What stopped it may have been charged more than what the guest has stored.
    this.fuelUsed = Math.max(this.fuelUsed, this.#budget.used(instance.fuel()));
    const pending = this.#stop;
    const stop =
      pending === undefined || thrown !== pending ? this.#stopFor(instance, thrown) : pending;
    if (this.#entries === 0) this.#transaction?.rollback();
    return stop;
  }

  /**
   * Opens calls of many rows that the instance's driver makes; each has the grant to itself.
   * @param startMs when the clock was read.
   * @param cutMs when a row that is under way is stopped, whatever it has left.
   * @returns the slice for each.
   */
  enterRows(
    instance: GuestInstance,
    grant: Grant,
    startMs: number,
    cutMs: number,
    rows: DrivenRows,
  ): number {
    this.#instance = instance;
    this.#grant = grant;
    this.#stop = undefined;
    this.#rows = rows;
    this.#openRow = -1;
    this.#refilledFuel = 0;
    this.isCut = false;
    this.#rowSlice = this.#budget.begin(grant.fuel, grant.timeMs, startMs, cutMs);
    instance.begin(this.#rowSlice, grant.limits.callDepth);
    this.#entries = 1;
    return this.#rowSlice;
  }

  /**
   * Ends rows that came back; {@link finishedFuel} is theirs.
   * @param last the row that ran last.
   * @returns what stopped that one all the same; {@link fuelUsed} is its own, then.
   */
  leaveRows(instance: GuestInstance, last: number): GuestStop | undefined {
    const remaining = instance.fuel();
    if (remaining < 0) {
      this.#meetRow(last);
      this.fuelUsed = this.#budget.used(remaining);
      if (this.#budget.isOverdrawn(remaining)) this.#outOfFuel();
    }
    const stopped = this.#stop !== undefined;
    this.#endRows(stopped);
    this.finishedFuel = instance.driven() + this.#refilledFuel - (stopped ? this.fuelUsed : 0);
    return this.#stop;
  }

  /**
   * Ends rows of which one threw; returns what stopped it. {@link fuelUsed} is that row's,
   * {@link finishedFuel} that of those before.
   */
  abandonRows(instance: GuestInstance, thrown: unknown): GuestStop {
    const stop = this.#stop ?? this.#stopFor(instance, thrown);
    const isOpen = instance.row() === this.#openRow;
    const beyond = isOpen ? this.#budget.grantedFuel - this.#rowSlice : 0;
    // Of a row that hasn't reached the host, the fuel left is in the guest's locals.
    // What stopped it may have been charged more than what the guest has stored.
    const stored = this.#rowSlice + beyond - instance.fuel();
    this.fuelUsed = isOpen ? Math.max(this.fuelUsed, stored) : 0;
    this.#endRows(isOpen);
    this.finishedFuel = instance.driven() + this.#refilledFuel - beyond;
    instance.rest();
    return stop;
  }

  /** @param stopped whether it is the open row that was. */
  #endRows(stopped: boolean): void {
    if (this.#openRow >= 0) {
      this.#refilledFuel += this.#budget.grantedFuel - this.#rowSlice;
      if (stopped) this.#transaction?.rollback();
      else this.#transaction?.commit();
    }
    this.#openRow = -1;
    this.#rows = undefined;
    this.#entries = 0;
  }

  /** The host has to do with the call of a row: everything that counts by call begins anew with it. */
  #meetRow(row = (this.#instance as GuestInstance).row()): void {
    if (row === this.#openRow) return;
    if (this.#openRow >= 0) {
      this.#transaction?.commit();
      this.#refilledFuel += this.#budget.grantedFuel - this.#rowSlice;
    }
    this.#openRow = row;
    this.#number++;
    this.#earlierHostCalls += this.#hostCalls;
    this.#hostCalls = 0;
    this.fuelUsed = 0;
    this.#budget.beginNext(this.#grant.timeMs, this.#rowSlice);
    // What rows before it have left to be done isn't its own.
    this.#rows?.meet(row);
    this.#transaction?.begin();
  }

  stop(stop: GuestStop): GuestStop {
    this.#stop ??= stop;
    return this.#stop;
  }

  reachHost(): void {
    if (this.#rows !== undefined) this.#meetRow();
  }

  countHostCall(): void {
    this.reachHost();
    const { hostCallsPerCall } = this.#grant.limits;
    if (++this.#hostCalls <= hostCallsPerCall) return;
    const limit = hostCallsPerCall.toLocaleString("en");
    throw this.stop(new GuestStop("host-call-limit", `${limit} host calls are all a call has`));
  }

  /** What the guest calls when its slice is used up: the next one. @throws GuestStop. */
  refill(remaining: number): number {
    // For a swallowed stop, too: nothing in the guest may run on.
    if (this.#stop !== undefined) throw this.#stop;
    this.reachHost();
    const slice = this.#budget.refill(remaining);
    this.#instance?.loops?.grant(this.#budget.grantedFuel);
    if (slice >= 0) {
      // The guest keeps it in a local; what it stored before was left of another slice.
      this.#instance?.setFuel(slice);
      return slice;
    }
    this.fuelUsed = this.#budget.used(remaining);
    if (slice === OutOfBudget.fuel) throw this.#outOfFuel();
    const { timeMs, holder } = this.#grant;
    if (slice === OutOfBudget.cut) {
      this.isCut = true;
      throw this.stop(new GuestStop("deadline", `${holder} was cut short`));
    }
    const text = `${timeMs} ms are all ${holder} has${this.#describeUse()}`;
    throw this.stop(new GuestStop("deadline", text));
  }

  /**
   * Charges from the host's side.
   * @throws GuestStop when the budget can't pay; Error when no call is open.
   */
  charge(fuel: number): void {
    this.#assertOpen();
    if (!(fuel >= 0)) throw new RangeError(`charge wants fuel of at least 0, not ${fuel}`);
    this.reachHost();
    const instance = this.#instance as GuestInstance;
    const remaining = this.#budget.charge(instance.fuel(), Math.ceil(fuel));
    if (remaining === undefined) {
      this.fuelUsed = this.#budget.used(instance.fuel()) + Math.ceil(fuel);
      throw this.#outOfFuel();
    }
    instance.setFuel(remaining);
    instance.loops?.grant(this.#budget.grantedFuel);
  }

  /** Runs guest code that the host needs in the middle of a call: its allocator. @throws GuestStop. */
  within<T>(body: (instance: GuestInstance) => T): T {
    this.#assertOpen();
    const instance = this.#instance as GuestInstance;
    const refusal = this.#refuseDepth();
    if (refusal !== undefined) throw refusal;
    this.#openInner(instance);
    try {
      return body(instance);
    } catch (thrown) {
      if (thrown instanceof HostError || thrown instanceof GuestStop) throw thrown;
      throw this.#stopFor(instance, thrown);
    } finally {
      this.#entries--;
    }
  }

  #assertOpen(): void {
    if (this.#entries > 0) return;
    throw new Error(
      "the call is over: a host function's context is of use while the function runs only",
    );
  }

  #openInner(instance: GuestInstance): void {
    instance.begin(instance.fuel(), this.#grant.limits.callDepth >> this.#entries);
    this.#entries++;
  }

  #refuseDepth(): GuestStop | undefined {
    if (this.#entries < maxEntries) return undefined;
    return this.stop(new GuestStop("stack-overflow", "host and guest call each other too deep"));
  }

  #stopFor(instance: GuestInstance, thrown: unknown): GuestStop {
    const stop = this.stop(new GuestStop(...classifyTrap(thrown, instance.stopReason())));
    if (thrown instanceof Error) stop.thrown = thrown;
    return stop;
  }

  #outOfFuel(): GuestStop {
    const { fuel, holder } = this.#grant;
    const text = `${fuel.toLocaleString("en")} fuel are all ${holder} has${this.#describeUse()}`;
    return this.stop(new GuestStop("out-of-fuel", text));
  }
}
