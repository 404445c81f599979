import { type AdmissionCode, AdmissionError } from "../../scripting/index.ts";
import { type Adapter, callAdapter, globalAdapter } from "./adapter.ts";
import type { Assembled } from "./assembler.ts";
import type { Ending, Engine } from "./engine.ts";
import type { Spectest } from "./spectest.ts";
import { stateText } from "./state.ts";
import {
  type Expected,
  HostObjects,
  matches,
  type Result,
  resultText,
  typeOf,
  type ValueType,
} from "./value.ts";
import type { Action, Command, ModuleSource } from "./wast.ts";

/** Of commands that test readers of text, which nothing here is. */
export const malformedText = "malformed as text: has no binary";

/** What became of a command. */
export type Outcome =
  | {
      readonly status: "passed";
      /** Results, trap message, what was printed: the same in every run that is the same. */
      readonly detail: string;
      readonly exhaustedBy?: "engine" | "call depth";
      /** Why admission refused what had to be refused. */
      readonly refusedAs?: AdmissionCode;
    }
  | { readonly status: "failed"; readonly detail: string }
  /** Admission refused a module that the script runs. */
  | { readonly status: "refused"; readonly code: AdmissionCode; readonly detail: string }
  /** Needs a module that was refused. */
  | { readonly status: "orphaned" }
  /** Can't be run at all. */
  | { readonly status: "excluded"; readonly reason: string };

/** Why there is no instance, or no definition, where a script has one. */
type Missing = "refused" | "failed" | "excluded";

type Slot<T> =
  | { readonly kind: "present"; readonly value: T }
  | { readonly kind: "missing"; readonly why: Missing };

class MissingModule extends Error {
  constructor(readonly why: Missing) {
    super(why === "excluded" ? "its module wasn't assembled" : "its module fails");
  }
}

/** What a function may result in whose results a script leaves open. */
const possibleResults: readonly (readonly ValueType[])[] = [
  [],
  ["i32"],
  ["i64"],
  ["f32"],
  ["f64"],
  ["v128"],
  ["funcref"],
  ["externref"],
  ["i32", "i32"],
];

function failed(detail: string): Outcome {
  return { status: "failed", detail };
}

/** One run of one script on one engine. */
export class ScriptRun {
  readonly #objects = new HostObjects();
  readonly #log: string[] = [];
  readonly #instances = new Map<string, Slot<WebAssembly.Exports>>();
  readonly #definitions = new Map<string, Slot<WebAssembly.Module>>();
  readonly #registered = new Map<string, Slot<WebAssembly.Exports>>();
  readonly #resultTypes = new WeakMap<object, readonly ValueType[]>();
  /** Instances by the command that made them. */
  readonly #made: (WebAssembly.Exports | undefined)[] = [];
  #current: Slot<WebAssembly.Exports> = { kind: "missing", why: "failed" };
  #lastDefinition: Slot<WebAssembly.Module> = { kind: "missing", why: "failed" };

  constructor(
    private readonly engine: Engine,
    spectest: Spectest,
    private readonly binaries: ReadonlyMap<Command, Assembled>,
  ) {
    const value = spectest.instantiate(this.#log);
    this.#registered.set("spectest", { kind: "present", value });
  }

  /** Runs the commands in their order. */
  run(commands: readonly Command[]): Outcome[] {
    return commands.map((command) => {
      this.#log.length = 0;
      const outcome = this.#tried(command);
      const made = command.kind === "module" || command.kind === "instance";
      this.#made.push(made && this.#current.kind === "present" ? this.#current.value : undefined);
      if (outcome.status !== "passed" || this.#log.length === 0) return outcome;
      return { ...outcome, detail: `${outcome.detail}; printed ${this.#log.join(" ")}` };
    });
  }

  /** What the instance that a command made holds now, as far as it exports it. */
  stateOf(command: number): string | undefined {
    const exports = this.#made[command];
    return exports === undefined ? undefined : stateText(exports);
  }

  #tried(command: Command): Outcome {
    try {
      return this.#command(command);
    } catch (thrown) {
      if (!(thrown instanceof MissingModule)) throw thrown;
      if (thrown.why === "refused") return { status: "orphaned" };
      return failed(thrown.message);
    }
  }

  #command(command: Command): Outcome {
    switch (command.kind) {
      case "inexpressible":
        return { status: "excluded", reason: `not expressible: ${command.reason}` };
      case "module": {
        const outcome = this.#define(command);
        const instance = this.#instantiated(this.#lastDefinition, outcome);
        this.#setInstance(command.module.name, instance.slot);
        return instance.outcome;
      }
      case "definition":
        return this.#define(command);
      case "instance": {
        const { name, definition } = command;
        const slot =
          definition === undefined ? this.#lastDefinition : this.#definitions.get(definition);
        if (slot === undefined) return failed(`no definition ${definition}`);
        const passed: Outcome = { status: "passed", detail: "" };
        const instance = this.#instantiated(slot, slot.kind === "present" ? passed : undefined);
        this.#setInstance(name, instance.slot);
        return instance.outcome;
      }
      case "register":
        this.#registered.set(command.as, this.#slot(command.name));
        present(this.#slot(command.name));
        return { status: "passed", detail: "" };
      case "action":
        return this.#actUnexpecting(command.action);
      case "assert_return":
        return this.#actExpecting(command.action, command.expected);
      case "assert_trap":
      case "assert_exhaustion":
      case "assert_exception":
        return this.#assertEnds(command.kind, command.action);
      case "assert_invalid":
      case "assert_malformed":
        return this.#assertRefused(command);
      case "assert_unlinkable":
      case "assert_module_trap":
        return this.#assertInstantiation(command.kind, command);
    }
  }

  #setInstance(name: string | undefined, slot: Slot<WebAssembly.Exports>): void {
    this.#current = slot;
    if (name !== undefined) this.#instances.set(name, slot);
  }

  #slot(name: string | undefined): Slot<WebAssembly.Exports> {
    if (name === undefined) return this.#current;
    return this.#instances.get(name) ?? { kind: "missing", why: "failed" };
  }

  /** Compiles a module that the script holds to be valid. */
  #define(command: Command & { readonly module: ModuleSource }): Outcome {
    const set = (slot: Slot<WebAssembly.Module>): void => {
      this.#lastDefinition = slot;
      if (command.module.name !== undefined) this.#definitions.set(command.module.name, slot);
    };
    const binary = this.binaries.get(command);
    if (binary?.bytes === undefined) {
      set({ kind: "missing", why: "excluded" });
      return { status: "excluded", reason: "no assembler takes the text" };
    }
    try {
      set({ kind: "present", value: this.engine.compile(binary.bytes) });
      return { status: "passed", detail: "" };
    } catch (thrown) {
      if (thrown instanceof AdmissionError) {
        const denied = thrown.code === "denied-feature";
        set({ kind: "missing", why: denied ? "refused" : "failed" });
        return { status: "refused", code: thrown.code, detail: thrown.message };
      }
      set({ kind: "missing", why: "failed" });
      return failed(String(thrown));
    }
  }

  /** An instance of a definition, when there is one; `defined` is what became of that. */
  #instantiated(
    definition: Slot<WebAssembly.Module>,
    defined: Outcome | undefined,
  ): { slot: Slot<WebAssembly.Exports>; outcome: Outcome } {
    if (definition.kind === "missing") {
      const outcome: Outcome =
        defined ??
        (definition.why === "refused" ? { status: "orphaned" } : failed("no definition"));
      return { slot: definition, outcome };
    }
    let imports: WebAssembly.Imports;
    try {
      imports = this.#imports(definition.value);
    } catch (thrown) {
      if (!(thrown instanceof MissingModule)) throw thrown;
      const outcome: Outcome =
        thrown.why === "refused" ? { status: "orphaned" } : failed(thrown.message);
      return { slot: { kind: "missing", why: thrown.why }, outcome };
    }
    let exports: WebAssembly.Exports | undefined;
    const ending = this.engine.run(() => {
      exports = this.engine.instantiate(definition.value, imports);
    });
    if (exports === undefined) {
      return { slot: { kind: "missing", why: "failed" }, outcome: failed(endingText(ending)) };
    }
    return { slot: { kind: "present", value: exports }, outcome: { status: "passed", detail: "" } };
  }

  /** @throws MissingModule when it imports from one. */
  #imports(compiled: WebAssembly.Module): WebAssembly.Imports {
    const imports: WebAssembly.Imports = {};
    for (const { module } of WebAssembly.Module.imports(compiled)) {
      const registered = this.#registered.get(module);
      if (registered !== undefined)
        imports[module] = present(registered) as WebAssembly.ModuleImports;
    }
    return imports;
  }

  /** A command's own action: its results aren't of interest. */
  #actUnexpecting(action: Action): Outcome {
    const call = this.#call(action);
    if (typeof call === "string") return failed(call);
    const ending = this.engine.run(call);
    if (ending.kind === "finished") return { status: "passed", detail: "" };
    return failed(endingText(ending));
  }

  /** A call whose result types the script doesn't say, or why there is none: all are tried. */
  #call(action: Action): (() => void) | string {
    const target = present(this.#slot(action.module))[action.field];
    if (typeof target !== "function") return `no function "${action.field}"`;
    const known = this.#resultTypes.get(target);
    for (const types of known === undefined ? possibleResults : [known]) {
      try {
        const { run } = callAdapter(target, action.args, types, this.#objects);
        this.#resultTypes.set(target, types);
        return run;
      } catch (thrown) {
        if (!(thrown instanceof WebAssembly.LinkError)) throw thrown;
      }
    }
    return "a function of other types";
  }

  #actExpecting(action: Action, expected: readonly Expected[]): Outcome {
    const target = present(this.#slot(action.module))[action.field];
    if (target === undefined) return failed(`no export "${action.field}"`);
    const made = this.#adapter(action, target, expected);
    if (typeof made === "string") return failed(made);
    const ending = this.engine.run(made.run);
    if (ending.kind !== "finished") return failed(endingText(ending));
    const results = made.results();
    const text = results.map(resultText).join(" ");
    const fits = expected.every((e, i) => matches(e, results[i] as Result, this.#objects));
    return fits ? { status: "passed", detail: text } : failed(`came by ${text}`);
  }

  /** How to get at what is expected, or why nothing is to be got at. */
  #adapter(
    action: Action,
    target: WebAssembly.ExportValue,
    expected: readonly Expected[],
  ): Adapter | string {
    // A null that doesn't say of what may be either.
    let problem = "";
    for (const open of ["funcref", "externref"] as const) {
      const types = expected.map((e): ValueType => typeOf(e) ?? open);
      for (const mutable of action.kind === "get" ? [false, true] : [false]) {
        try {
          if (action.kind === "invoke") {
            return callAdapter(target, action.args, types, this.#objects);
          }
          return globalAdapter(target, types[0] as ValueType, mutable);
        } catch (thrown) {
          if (!(thrown instanceof WebAssembly.LinkError)) throw thrown;
          problem ||= `other types: ${thrown.message}`;
        }
      }
    }
    return problem;
  }

  #assertEnds(
    kind: "assert_trap" | "assert_exhaustion" | "assert_exception",
    action: Action,
  ): Outcome {
    const call = this.#call(action);
    if (typeof call === "string") return failed(call);
    const ending = this.engine.run(call);
    if (kind === "assert_exhaustion" && ending.kind === "exhaustion") {
      return { status: "passed", detail: "", exhaustedBy: ending.by };
    }
    if (kind === "assert_trap" && ending.kind === "trap") {
      return { status: "passed", detail: ending.message };
    }
    if (kind === "assert_exception" && ending.kind === "exception") {
      return { status: "passed", detail: "" };
    }
    return failed(endingText(ending));
  }

  #assertRefused(command: Command & { readonly module: ModuleSource }): Outcome {
    if (command.kind === "assert_malformed" && command.module.form !== "binary") {
      return { status: "excluded", reason: malformedText };
    }
    const binary = this.binaries.get(command);
    if (binary?.bytes === undefined) {
      return { status: "excluded", reason: "invalid, and no assembler takes the text" };
    }
    try {
      this.engine.compile(binary.bytes);
      return failed("was taken");
    } catch (thrown) {
      if (thrown instanceof AdmissionError) {
        return { status: "passed", detail: "", refusedAs: thrown.code };
      }
      if (thrown instanceof WebAssembly.CompileError) return { status: "passed", detail: "" };
      return failed(String(thrown));
    }
  }

  #assertInstantiation(
    kind: "assert_unlinkable" | "assert_module_trap",
    command: Command,
  ): Outcome {
    const binary = this.binaries.get(command);
    if (binary?.bytes === undefined) {
      return { status: "excluded", reason: "no assembler takes the text" };
    }
    let compiled: WebAssembly.Module;
    try {
      compiled = this.engine.compile(binary.bytes);
    } catch (thrown) {
      if (thrown instanceof AdmissionError) {
        return { status: "refused", code: thrown.code, detail: thrown.message };
      }
      return failed(String(thrown));
    }
    const imports = this.#imports(compiled);
    const ending = this.engine.run(() => {
      this.engine.instantiate(compiled, imports);
    });
    const wanted = kind === "assert_unlinkable" ? "unlinkable" : "trap";
    if (ending.kind !== wanted || !("message" in ending)) return failed(endingText(ending));
    return { status: "passed", detail: ending.message };
  }
}

function present<T>(slot: Slot<T>): T {
  if (slot.kind === "missing") throw new MissingModule(slot.why);
  return slot.value;
}

function endingText(ending: Ending): string {
  if ("message" in ending) return `${ending.kind}: ${ending.message}`;
  return ending.kind === "exhaustion" ? `exhaustion by ${ending.by}` : ending.kind;
}
