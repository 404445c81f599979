import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten-core";
import { median } from "./measure.ts";
import { delta } from "./movement.ts";

const source = `export function onUpdate(self) {
  setX(self, getX(self) + getVx(self) * delta());
  setY(self, getY(self) + getVy(self) * delta());
}`;

/** Nanoseconds an entity of the same movement in QuickJS, a call each and a host call for each field. */
export async function quickJsNsPerEntity(count: number, rounds: number): Promise<number> {
  const engine = await newQuickJSWASMModuleFromVariant(
    import("@jitl/quickjs-wasmfile-release-sync"),
  );
  const runtime = engine.newRuntime();
  let until = Infinity;
  runtime.setInterruptHandler(() => performance.now() > until);
  runtime.setMemoryLimit(16 << 20);
  const context = runtime.newContext();
  const columns = { X: 0, Y: 0, Vx: 1, Vy: 1 };
  const define = (name: string, run: (entity: number, value: number) => number): void => {
    const handle = context.newFunction(name, (entity, value) =>
      context.newNumber(
        run(
          entity === undefined ? 0 : context.getNumber(entity),
          value === undefined ? 0 : context.getNumber(value),
        ),
      ),
    );
    context.setProp(context.global, name, handle);
    handle.dispose();
  };
  for (const [name, start] of Object.entries(columns)) {
    const column = new Float32Array(count).fill(start);
    define(`get${name}`, (entity) => column[entity] as number);
    define(`set${name}`, (entity, value) => {
      column[entity] = value;
      return 0;
    });
  }
  define("delta", () => delta);
  const script = context.unwrapResult(context.evalCode(source, "movement.js", { type: "module" }));
  const onUpdate = context.getProp(script, "onUpdate");
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    for (let entity = 0; entity < count; entity++) {
      until = performance.now() + 2;
      const self = context.newNumber(entity);
      context.unwrapResult(context.callFunction(onUpdate, context.undefined, self)).dispose();
      self.dispose();
    }
    times.push(performance.now() - startMs);
  }
  return (median(times) * 1e6) / count;
}
