import type { Clock, World } from "../../engine/index.ts";
import type { FaultCaptures } from "../faults/captures.ts";
import type { Neighbours } from "../host/neighbours.ts";
import type { NamedQueries } from "../host/query.ts";
import type { WorldView } from "../host/view.ts";
import type { CallInfo } from "./call-info.ts";
import type { EventHub } from "./events.ts";
import type { FieldAccess } from "./field-access.ts";
import type { Messages } from "./messages.ts";
import type { FaultPolicy } from "./policy.ts";
import type { ScriptSlot } from "./slot.ts";
import type { MutableFrameReport } from "./stats.ts";
import type { Transaction } from "./transaction.ts";

/** What the parts of the script system share. */
export interface SystemCore {
  readonly world: World;
  readonly view: WorldView;
  readonly transaction: Transaction;
  readonly messages: Messages;
  readonly queries: NamedQueries;
  /** Undefined where the system isn't told where entities are. */
  readonly neighbours: Neighbours | undefined;
  readonly fields: FieldAccess;
  /** Undefined where stopped calls aren't captured. Set once, when all else is there. */
  captures: FaultCaptures | undefined;
  readonly events: EventHub;
  /** What follows a fault where a script's own policy doesn't say. */
  readonly policy: Partial<FaultPolicy>;
  readonly clock: Clock;
  /** Milliseconds a frame that all scripts together may take. */
  frameBudgetMs: number;
  readonly call: CallInfo;
  /** The loaded scripts, in the order they were loaded. */
  readonly slots: ScriptSlot[];
  /** The frame that is running, or the last one. */
  readonly report: MutableFrameReport;
}
