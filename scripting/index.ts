export { type AdmitOptions, type AdmittedModule, admit } from "./admission/admit.ts";
export type { Feature } from "./admission/code-survey.ts";
export {
  describeModule,
  type ExportReport,
  type ModuleItem,
  type ModuleReport,
} from "./admission/module-report.ts";
export type { ScriptBinary, SourceMapV3 } from "./compile/source.ts";
export {
  type AdmissionCode,
  AdmissionError,
  AllocationError,
  HostError,
  LinkError,
  type LinkProblem,
  VerifyError,
} from "./errors.ts";
export {
  type Fault,
  type FaultKind,
  faultTexts,
  formatFault,
  type GuestFrame,
  type SourceLocation,
  StartError,
} from "./fault.ts";
export type { FaultFile, SavedFault, SavedImport } from "./faults/fault-file.ts";
export type { SavedHostCall, SavedStep } from "./faults/host-log.ts";
export { type Reproduction, reproduceFault } from "./faults/reproduce.ts";
export type { FieldKind } from "./fields/field-kinds.ts";
export type { ScriptField } from "./fields/script-field.ts";
export { InputState, type SavedInput } from "./host/input.ts";
export type { Positions } from "./host/neighbours.ts";
export type { FrameTime } from "./host/time.ts";
export { type CallLimits, limitProfiles, type ResourceLimits } from "./limits.ts";
export type { ProfiledLoop } from "./metering/loop-profile.ts";
export { type MeteredModule, type MeterOptions, meter } from "./metering/meter.ts";
export type { OffsetMap } from "./metering/offsets.ts";
export { verify } from "./metering/verify/verify.ts";
export type { Recorder, RecordOptions } from "./recording/recorder.ts";
export type {
  RecordedCall,
  RecordedFrame,
  Recording,
  SavedNumbers,
} from "./recording/recording.ts";
export {
  type ReplayDifference,
  type ReplayOptions,
  type ReplayResult,
  replay,
} from "./recording/replay.ts";
export type {
  CallResult,
  GuestValue,
  JsonResult,
  Outcome,
  ReturnKind,
  TypedResult,
} from "./runtime/call-result.ts";
export type { Entry } from "./runtime/entry.ts";
export type {
  HostContext,
  HostFunction,
  HostFunctionSpec,
  ValueType,
} from "./runtime/host-function.ts";
export type { AllocationFigures, AllocationOptions } from "./runtime/instance-allocator.ts";
export type { LinkedModule } from "./runtime/linked-module.ts";
export { type GlobalSpec, Linker, type LinkOptions } from "./runtime/linker.ts";
export type { LoopUse } from "./runtime/loop-use.ts";
export type { TransactionHooks } from "./runtime/open-call.ts";
export type { PreparedScript } from "./runtime/prepared-script.ts";
export {
  type InstantiateOptions,
  type LoadOptions,
  ScriptRuntime,
  type ScriptRuntimeOptions,
} from "./runtime/runtime.ts";
export type { Script } from "./runtime/script.ts";
export type { ScriptSnapshot } from "./runtime/snapshot.ts";
export {
  type AdaptiveOptions,
  defaultAdaptiveOptions,
  type ScaleChange,
} from "./system/adaptive-budget.ts";
export { generateBindings } from "./system/bindings.ts";
export type {
  FaultEvent,
  Hook,
  ScriptEvent,
  ScriptEventOf,
  ScriptEventType,
} from "./system/events.ts";
export type { FieldChanges } from "./system/field-columns.ts";
export type { ScriptSystemOptions } from "./system/options.ts";
export type { FaultPolicy } from "./system/policy.ts";
export type { RestoredScript } from "./system/restore-state.ts";
export type { ScriptFields } from "./system/script-fields.ts";
export { type Names, type ScriptPolicy, scriptPolicies } from "./system/script-policy.ts";
export { type ScriptTag, scripted } from "./system/scripted.ts";
export type {
  SavedMemory,
  SavedMessage,
  SavedScript,
  SaveOptions,
  ScriptsState,
} from "./system/scripts-state.ts";
export type { FrameReport, ScriptState, ScriptStats, ScriptTotals } from "./system/stats.ts";
export { ScriptSystem } from "./system/system.ts";
