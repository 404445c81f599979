import type { Assembler } from "./assembler.ts";

/** What each function prints, by its name's ending. */
const printed = {
  print: [],
  print_i32: ["i32"],
  print_i64: ["i64"],
  print_f32: ["f32"],
  print_f64: ["f64"],
  print_i32_f32: ["i32", "f32"],
  print_f64_f64: ["f64", "f64"],
} as const;

function moduleText(): string {
  const prints = Object.entries(printed).map(([name, types]) => {
    const params = types.length === 0 ? "" : `(param ${types.join(" ")})`;
    const args = types.map((_, i) => `(local.get ${i})`).join(" ");
    return {
      host: `(import "host" "${name}" (func $${name} ${params}))`,
      own: `(func (export "${name}") ${params} (call $${name} ${args}))`,
    };
  });
  return `(module
    ${prints.map((p) => p.host).join("\n")}
    ${prints.map((p) => p.own).join("\n")}
    (global (export "global_i32") i32 (i32.const 666))
    (global (export "global_i64") i64 (i64.const 666))
    (global (export "global_f32") f32 (f32.const 666.6))
    (global (export "global_f64") f64 (f64.const 666.6))
    (table (export "table") 10 20 funcref)
    (memory (export "memory") 1 2))`;
}

/**
 * The module that every script may import from. It is one of WebAssembly's, and not functions of
 * JavaScript's, so that a wrong type is refused when it is linked.
 */
export class Spectest {
  private constructor(private readonly compiled: WebAssembly.Module) {}

  static async assemble(assembler: Assembler): Promise<Spectest> {
    const bytes = new TextEncoder().encode(moduleText());
    const made = await assembler.assemble({ name: undefined, form: "text", bytes }, true);
    if (made.bytes === undefined) throw new Error(made.reason);
    return new Spectest(new WebAssembly.Module(made.bytes as BufferSource));
  }

  /** A fresh instance; what is printed goes to `log`. */
  instantiate(log: string[]): WebAssembly.Exports {
    const host: WebAssembly.ModuleImports = {};
    for (const name of Object.keys(printed)) {
      host[name] = (...values: unknown[]) => log.push(`${name}(${values.join(", ")})`);
    }
    return new WebAssembly.Instance(this.compiled, { host }).exports;
  }
}
