import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
} from "quickjs-emscripten-core";
import type { Column } from "../../../engine/index.ts";
import type { Game } from "./game.ts";
import type { NativeWorld } from "./native-world.ts";

/** Milliseconds that a call may take: enough for one that a busy machine interrupts. */
const callTimeMs = 1_000;

/** QuickJS with a host function for each field of a game's components: `get_Position_x(entity)`. */
export class QuickJsHost {
  readonly #context: QuickJSContext;
  readonly #until: { ms: number };

  private constructor(context: QuickJSContext, until: { ms: number }) {
    this.#context = context;
    this.#until = until;
  }

  static async create({ components }: Game, world: NativeWorld): Promise<QuickJsHost> {
    const engine = await newQuickJSWASMModuleFromVariant(
      import("@jitl/quickjs-wasmfile-release-sync"),
    );
    const runtime = engine.newRuntime();
    const until = { ms: Infinity };
    runtime.setInterruptHandler(() => performance.now() > until.ms);
    runtime.setMemoryLimit(16 << 20);
    const host = new QuickJsHost(runtime.newContext(), until);
    for (const component of components) {
      const columns = world.columns(component);
      for (const { name } of component.fields) {
        const column = columns[name] as Column;
        host.define(`get_${component.name}_${name}`, (entity) => column[entity] as number);
        host.define(`set_${component.name}_${name}`, (entity, value) => {
          column[entity] = value;
          return 0;
        });
      }
    }
    return host;
  }

  /** Defines a host function of up to three numbers. */
  define(name: string, run: (a: number, b: number, c: number) => number): void {
    const context = this.#context;
    const numberOf = (value: QuickJSHandle | undefined): number =>
      value === undefined ? 0 : context.getNumber(value);
    const handle = context.newFunction(name, (a, b, c) =>
      context.newNumber(run(numberOf(a), numberOf(b), numberOf(c))),
    );
    context.setProp(context.global, name, handle);
    handle.dispose();
  }

  /** Loads a module. @returns what calls one of its exports for an entity, with a deadline. */
  load(source: string): (hook: string) => (entity: number) => void {
    const context = this.#context;
    const exports = context.unwrapResult(context.evalCode(source, "script.js", { type: "module" }));
    return (hook) => {
      const run = context.getProp(exports, hook);
      return (entity) => {
        this.#until.ms = performance.now() + callTimeMs;
        const self = context.newNumber(entity);
        context.unwrapResult(context.callFunction(run, context.undefined, self)).dispose();
        self.dispose();
      };
    };
  }
}
