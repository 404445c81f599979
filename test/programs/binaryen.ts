import type binaryenApi from "binaryen";
import { freshImport } from "./fresh.ts";
import type { Program } from "./program.ts";

const text = `(module
  (memory (export "memory") 1)
  (table 2 2 funcref) (elem (i32.const 0) $square $same)
  (type $step (func (param i32) (result i32)))
  (func $square (param $x i32) (result i32) (i32.mul (local.get $x) (local.get $x)))
  (func $same (param $x i32) (result i32)
    (if (result i32) (i32.eqz (i32.const 0)) (then (local.get $x)) (else (unreachable))))
  (func (export "sum") (param $n i32) (result i32)
    (local $i i32) (local $sum i32) (local $unused i64)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $square (local.get $i))))
      (local.set $sum (i32.xor (local.get $sum)
        (call_indirect (type $step) (local.get $i) (i32.and (local.get $i) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (i32.store (i32.const 8) (i32.add (i32.const 2) (i32.const 3)))
    (local.get $sum)))`;

/** Parses a module, optimises it, and writes it as bytes and as text. */
export const binaryen: Program = {
  name: "Binaryen",
  language: "C++",
  compiler: "Emscripten",
  async start() {
    const { default: api } = await freshImport<{ default: typeof binaryenApi }>("binaryen");
    return () => {
      const module = api.parseText(text);
      module.optimize();
      if (!module.validate()) throw new Error("optimised into something invalid");
      const written = [module.emitBinary(), module.emitText()];
      module.dispose();
      return written;
    };
  },
};
