export { type AdmitOptions, type AdmittedModule, admit } from "./admit.ts";
export { generateBindings } from "./bindings.ts";
export {
  type AdmissionCode,
  AdmissionError,
  HostError,
  LinkError,
  type LinkProblem,
  VerifyError,
} from "./errors.ts";
export type { Hook, ScriptEvent, ScriptEventOf, ScriptEventType } from "./events.ts";
export {
  type Fault,
  type FaultKind,
  faultTexts,
  formatFault,
  type GuestFrame,
  type SourceLocation,
  StartError,
} from "./fault.ts";
export { InputState } from "./host/input.ts";
export { limitProfiles, type ResourceLimits } from "./limits.ts";
export {
  type HostContext,
  type HostFunction,
  type HostFunctionSpec,
  Linker,
  type ValueType,
} from "./linker.ts";
export { type MeteredModule, meter } from "./metering/meter.ts";
export type { OffsetMap } from "./metering/offsets.ts";
export { verify } from "./metering/verify.ts";
export type { ScriptSystemOptions } from "./options.ts";
export type { FaultPolicy } from "./policy.ts";
export { type LoadOptions, ScriptRuntime, type ScriptRuntimeOptions } from "./runtime.ts";
export type { CallResult, Entry, JsonResult, Script, TransactionHooks } from "./script.ts";
export { type ScriptTag, scripted } from "./scripted.ts";
export type { ScriptBinary, SourceMapV3 } from "./source.ts";
export type { FrameReport, ScriptState, ScriptStats } from "./stats.ts";
export { ScriptSystem } from "./system.ts";
