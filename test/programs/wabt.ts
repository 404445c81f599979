import type wabtFactory from "wabt";
import { freshRequire } from "./fresh.ts";
import type { Program } from "./program.ts";

const texts = [
  "(module)",
  `(module (memory 1) (func (export "f") (param i32) (result i32) (local.get 0)))`,
  `(module
    (type $pair (func (param i32 i64) (result i32)))
    (table 2 funcref) (elem (i32.const 0) $gcd $mix)
    (func $gcd (param $a i32) (param $b i64) (result i32)
      (loop $again
        (if (i64.ne (local.get $b) (i64.const 0))
          (then
            (local.set $b (i64.rem_u (i64.extend_i32_u (local.get $a)) (local.get $b)))
            (br $again))))
      (local.get $a))
    (func $mix (param i32 i64) (result i32)
      (block $out (block $one (br_table $one $out (local.get 0))) (return (i32.const 7)))
      (call_indirect (type $pair) (local.get 0) (local.get 1) (i32.const 0)))
    (global $seed (mut i64) (i64.const 0x9e3779b97f4a7c15))
    (func (export "run") (param $n i32) (result i32)
      (loop $again
        (global.set $seed (i64.mul (global.get $seed) (i64.const 6364136223846793005)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $mix (i32.const 0) (global.get $seed))))`,
];

/** Text to binary and back, and what is wrong with a module that isn't valid. */
export const wabt: Program = {
  name: "WABT",
  language: "C++",
  compiler: "Emscripten",
  async start() {
    const toolkit = await freshRequire<typeof wabtFactory>("wabt")();
    const translate = (text: string): [Uint8Array, string] => {
      const module = toolkit.parseWat("a.wat", text);
      const bytes = module.toBinary({ write_debug_names: true }).buffer.slice();
      module.destroy();
      const read = toolkit.readWasm(bytes, { readDebugNames: true });
      read.applyNames();
      const printed = read.toText({ foldExprs: true, inlineExport: false });
      read.destroy();
      return [bytes, printed];
    };
    const complaint = (text: string): string => {
      const module = toolkit.parseWat("a.wat", text);
      try {
        module.validate();
        return "valid";
      } catch (error) {
        if (error instanceof Error && /type mismatch/.test(error.message)) return error.message;
        throw error;
      } finally {
        module.destroy();
      }
    };
    return () => [...texts.flatMap(translate), complaint("(module (func (result i32)))")];
  },
};
