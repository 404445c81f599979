import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten-core";

const deadlineMs = 60_000;

/**
 * A script in QuickJS, with what QuickJS has to hold it: an interrupt handler that watches a deadline, a
 * limit of memory and one of stack.
 * @param source a module that exports `run`.
 */
export async function startQuickJs(source: string): Promise<() => number> {
  const engine = await newQuickJSWASMModuleFromVariant(
    import("@jitl/quickjs-wasmfile-release-sync"),
  );
  const runtime = engine.newRuntime();
  let until = performance.now() + deadlineMs;
  runtime.setInterruptHandler(() => performance.now() > until);
  runtime.setMemoryLimit(64 << 20);
  runtime.setMaxStackSize(256 << 10);
  const context = runtime.newContext();
  const script = context.unwrapResult(context.evalCode(source, "script.js", { type: "module" }));
  const run = context.getProp(script, "run");
  return () => {
    until = performance.now() + deadlineMs;
    const result = context.unwrapResult(context.callFunction(run, context.undefined));
    const value = context.getNumber(result);
    result.dispose();
    return value;
  };
}
