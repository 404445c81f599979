import { describe, expect, it } from "vitest";
import { VerifyError, verify } from "../../scripting/index.ts";
import { Claim } from "../../scripting/metering/codes.ts";
import { orderSection } from "../../scripting/metering/protocol.ts";
import { SectionId } from "../../scripting/wasm/module.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { withExports, withSection } from "../fuzz/patch.ts";
import {
  also,
  claim,
  elements,
  insert,
  inTurn,
  type Mutate,
  type Ordered,
  order,
  replace,
} from "../fuzz/seeded.ts";
import { type Bytes, flat, module, name, section, u32 } from "../wasm/assemble.ts";
import { metered, wasm } from "./harness.ts";

// Faults seeded into metered modules, as a broken meter would leave them or an attacker would want
// them. The engine takes each of these modules; the verifier must not.

// Function indices: the imports a, b and refill come first, so defined function f has index f + 3.
const [plain, mined, even, odd, shared, bulk, host, run, tail] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const [begin, remaining, runThunk, nothingThunk] = [10, 11, 12, 13];
const index = (f: number): number => f + 3;
const [priceA, priceB] = [3, 4];

const base = metered(
  wasm(`(module
    (import "h" "a" (func $a (param i32)))
    (import "h" "b" (func $b))
    (global $own (mut i32) (i32.const 0))
    (memory (export "m") 1)
    (table $t 4 funcref)
    (elem (i32.const 0) $shared $even $a)
    (func $plain (param $n i32)
      (loop (call $b) (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func $mined (param $n i32) (result i32) (local $s i32)
      (loop $l
        (if (i32.and (local.get $n) (i32.const 1))
          (then
            (local.set $s (i32.add (local.get $s) (i32.const 1)))
            (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))
            (br $l))
          (else
            (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))
            (br_if $l (local.get $n)))))
      (local.get $s))
    (func $even (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
    (func $odd (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
    (func $shared (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 3))))
      (return_call $shared (i32.sub (local.get 0) (i32.const 1))))
    (func $bulk (param i32)
      (memory.fill (i32.const 0) (i32.const 1) (local.get 0))
      (drop (memory.grow (local.get 0)))
      (table.fill $t (i32.const 0) (ref.null func) (local.get 0)))
    (func $host (param i32) (result i32) (local $x i32)
      (call $a (local.get 0))
      (call $b)
      (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))
      (local.get $x))
    (func (export "run") (param i32) (result i32)
      (call $plain (local.get 0))
      (call $bulk (local.get 0))
      (i32.add (call $mined (local.get 0))
        (i32.add (call $even (local.get 0)) (call $host (local.get 0)))))
    (func (export "tail") (param i32) (result i32) (return_call $shared (local.get 0)))
    (func (export "nothing")))`),
);
// The guest's own global stands before the meter's.
const own = 0;
const [fuelGlobal, depthGlobal, stopGlobal] = [1, 2, 3];
const price = (n: number): number => n + 1;

/** A module whose table the host sees, so that fuel goes by the global around indirect calls. */
const visible = metered(
  wasm(`(module
    (table (export "t") funcref (elem $f $g))
    (func $f (param i32) (result i32) (loop (br_if 0 (i32.eqz (i32.const 1)))) (local.get 0))
    (func $g (export "run") (param i32) (result i32)
      (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))`),
);

const check = "local.get 1; i32.const 0; i32.lt_s; if; local.get 1; call 2; local.set 1; end";
const entryCheck = `local.get 2; i32.const 1; i32.sub; local.tee 2; local.get 1; i32.or; i32.const 0;
  i32.lt_s; if; local.get 2; i32.const 0; i32.lt_s; if; i32.const 1; global.set ${stopGlobal};
  unreachable; end; ${check}; end`;
const storeA = `local.get 1; global.get ${price(priceA)}; i32.sub; global.set ${fuelGlobal}; call 0`;
const reload = `global.get ${fuelGlobal}; local.set 1`;
const guard = "i32.const 0; i32.ge_s; br_if 1; br 3";
const fillCharge = "local.get 1; local.get 2; i32.const 3; i32.shr_u; i32.sub; local.set 1";

const mutants: [what: string, mutate: Mutate, of?: Uint8Array][] = [
  // Checks.
  ["a loop without its check", replace(plain, check, "")],
  ["a check of another local", replace(plain, check, check.replaceAll("get 1", "get 0"))],
  [
    "a check that never holds",
    replace(plain, "i32.const 0; i32.lt_s; if", "i32.const -2147483648; i32.lt_s; if"),
  ],
  [
    "a check whose refill is dropped",
    replace(plain, "call 2; local.set 1; end", "call 2; drop; end"),
  ],
  [
    "a check that gives fuel itself",
    replace(plain, "local.get 1; call 2; local.set 1", "i32.const 1000; local.set 1"),
  ],
  ["the check behind the back edge", inTurn(replace(plain, check, ""), insert(plain, check))],
  ["a strip-mined loop without the outer check", replace(mined, check, "")],
  ["an inner loop without its guard", replace(mined, guard, "drop; br 1")],
  ["a guard that always holds", replace(mined, "i32.const 0; i32.ge_s", "i32.const -1; i32.ge_s")],
  ["a guard the wrong way round", replace(mined, "i32.const 0; i32.ge_s", "i32.const 0; i32.lt_s")],
  ["back edges merged into one that isn't guarded", replace(mined, guard, "drop; nop; br 1", 0)],
  [
    "a guard of another local",
    replace(
      mined,
      "local.tee 1; i32.const 0; i32.ge_s",
      "local.set 1; local.get 0; i32.const 0; i32.ge_s",
    ),
  ],
  // Charges.
  [
    "a way round a loop that charges nothing",
    replace(mined, "i32.const 40; i32.sub; local.tee 1", "i32.const 0; i32.sub; local.tee 1"),
  ],
  ["a charge on one arm only", replace(mined, "i32.const 40; i32.sub; local.tee 1", "nop")],
  ["a charge on the other arm only", replace(mined, "i32.const 43; i32.sub; local.tee 1", "nop")],
  ["a charge below zero", replace(plain, "i32.const 6; i32.sub", "i32.const -6; i32.sub")],
  ["a charge that adds", replace(plain, "i32.const 6; i32.sub", "i32.const 6; i32.add")],
  [
    "a charge of another local",
    replace(plain, "local.get 1; i32.const 6", "local.get 0; i32.const 6"),
  ],
  [
    "a recursion that charges nothing",
    replace(even, "i32.const 6; i32.sub", "i32.const 0; i32.sub"),
  ],
  ["fuel refunded", insert(host, "i32.const 1000000; local.set 1")],
  ["fuel refunded in passing", insert(host, "i32.const 1000000; local.tee 1; drop")],
  ["fuel added to", insert(host, "local.get 1; i32.const 5; i32.add; local.set 1")],
  [
    "fuel kept from before",
    inTurn(
      insert(host, "local.get 4; local.set 1", "end"),
      insert(host, "local.get 1; local.set 4"),
    ),
  ],
  ["the fuel global set", insert(host, `i32.const 1000000; global.set ${fuelGlobal}`)],
  [
    "the fuel global read by the guest",
    insert(host, `global.get ${fuelGlobal}; global.set ${own}`),
  ],
  ["the depth global set", insert(host, `i32.const 1000; global.set ${depthGlobal}`)],
  ["the stop reason set", insert(host, `i32.const 0; global.set ${stopGlobal}`)],
  ["a price set", insert(host, `i32.const 0; global.set ${price(priceA)}`)],
  // Operations with a length.
  ["a fill without its charge", replace(bulk, fillCharge, "")],
  ["a fill without its check", replace(bulk, check, "", 0)],
  [
    "a fill that is charged another length",
    replace(bulk, "local.get 2; i32.const 3", "local.get 0; i32.const 3"),
  ],
  ["a price shifted too far", replace(bulk, "i32.const 3; i32.shr_u", "i32.const 13; i32.shr_u")],
  [
    "a price that loses its high bits",
    replace(
      bulk,
      "i32.const 3; i32.shr_u",
      "i32.const 13; i32.shl; i32.const 13; i32.shr_u; i32.const 3; i32.shr_u",
    ),
  ],
  [
    "a price that wraps the fuel",
    replace(bulk, "i32.const 3; i32.shr_u", "i32.const 0; i32.shr_u"),
  ],
  ["a price that saturates too early", replace(bulk, "i32.const 65536", "i32.const 16", 0)],
  [
    "a price that saturates too early, both times",
    inTurn(
      replace(bulk, "i32.const 65536", "i32.const 16"),
      replace(bulk, "i32.const 65536", "i32.const 16"),
    ),
  ],
  [
    "a price that a signed comparison saturates",
    replace(bulk, "i32.const 65536; i32.lt_u", "i32.const 65536; i32.lt_s"),
  ],
  [
    "a growth without its charge",
    replace(bulk, "i32.const 13; i32.shl; i32.sub; local.set 1", "drop; drop"),
  ],
  [
    "a second fill behind the first one's charge",
    replace(
      bulk,
      "local.get 2; memory.fill",
      "local.get 2; memory.fill; i32.const 0; i32.const 0; i32.const 65536; memory.fill",
    ),
  ],
  [
    "a length that changes behind its charge",
    replace(bulk, "local.get 2; memory.fill", "i32.const 65536; memory.fill"),
  ],
  // Host calls.
  [
    "a host call at another's price",
    replace(host, storeA, storeA.replace(String(price(priceA)), String(price(priceB)))),
  ],
  [
    "a host call at the guest's price",
    replace(host, storeA, storeA.replace(`global.get ${price(priceA)}`, `global.get ${own}`)),
  ],
  [
    "a host call at no price",
    replace(host, storeA, `local.get 1; global.set ${fuelGlobal}; call 0`),
  ],
  ["a host call that pays the guest", replace(host, storeA, storeA.replace("i32.sub", "i32.add"))],
  ["a host call with the fuel not stored", replace(host, storeA, "call 0")],
  ["fuel not read again behind a host call", replace(host, `call 0; ${reload}`, "call 0")],
  [
    "a host call that unwinding a recursion does unchecked",
    replace(
      even,
      "call 6; local.set 1",
      `call 6; local.set 1; local.get 1; global.get ${price(priceB)}; i32.sub;
       global.set ${fuelGlobal}; call 1; ${reload}`,
    ),
  ],
  // Calls.
  [
    "a call that passes another local for the fuel",
    replace(run, "local.get 1; call 3", "local.get 0; call 3"),
  ],
  [
    "a call that passes plenty of fuel",
    replace(run, "local.get 1; call 3", "i32.const 1000000; call 3"),
  ],
  ["a call whose fuel isn't taken back", replace(run, "call 3; local.set 1", "call 3; drop")],
  [
    "a call that passes plenty of depth",
    replace(even, "local.get 2; call 6", "i32.const 1000; call 6"),
  ],
  [
    "an indirect call that passes plenty of fuel",
    replace(
      host,
      "local.get 1; local.get 2; local.get 4",
      "i32.const 1000000; local.get 2; local.get 4",
    ),
  ],
  [
    "an indirect call that passes plenty of depth",
    replace(
      host,
      "local.get 1; local.get 2; local.get 4",
      "local.get 1; i32.const 1000; local.get 4",
    ),
  ],
  [
    "an indirect call whose fuel isn't taken back",
    replace(host, "call_indirect 5 0; local.set 1", "call_indirect 5 0; drop"),
  ],
  [
    "an indirect call with the fuel not stored",
    replace(1, `local.get 1; global.set ${0}`, "", 0),
    visible,
  ],
  [
    "fuel not read again behind an indirect call",
    replace(1, "call_indirect 0 0; global.get 0; local.set 1", "call_indirect 0 0"),
    visible,
  ],
  ["a return that gives back plenty", replace(mined, "local.get 1; end", "i32.const 1000000; end")],
  [
    "an early return that stores nothing",
    replace(shared, `local.get 1; global.set ${fuelGlobal}; return`, "return"),
  ],
  [
    "a tail call that stores nothing",
    replace(shared, `local.get 1; global.set ${fuelGlobal}; local.get 2`, "local.get 2"),
  ],
  [
    "a tail call that gives back more depth than was taken",
    replace(shared, "local.get 2; i32.const 1; i32.add", "local.get 2; i32.const 2; i32.add"),
  ],
  ["a tail call of the host's", replace(tail, "return_call 7", "call 0; unreachable")],
  [
    "a thunk that gives itself fuel",
    replace(runThunk, `global.get ${fuelGlobal}`, "i32.const 1000000"),
  ],
  [
    "a thunk that gives itself depth",
    replace(runThunk, `global.get ${depthGlobal}`, "i32.const 1000"),
  ],
  ["a thunk that keeps the fuel", replace(runThunk, `global.set ${fuelGlobal}`, "drop")],
  [
    "a thunk called with the fuel not stored",
    replace(run, "local.get 1; call 3; local.set 1", `call ${index(runThunk)}; drop`),
  ],
  [
    "a tail call that doesn't store the depth",
    replace(shared, `local.get 2; i32.const 1; i32.add; global.set ${depthGlobal}`, ""),
  ],
  [
    "a tail call of a thunk that doesn't store the depth",
    replace(
      tail,
      `local.get 2; i32.const 1; i32.add; global.set ${depthGlobal}; return_call 7`,
      `return_call ${index(runThunk)}`,
    ),
  ],
  [
    "an indirect call that doesn't store the depth",
    replace(1, "local.get 2; global.set 1", ""),
    visible,
  ],
  ["a call of begin", insert(host, `i32.const 1000000; i32.const 1000; call ${index(begin)}`)],
  ["a call of remaining", insert(host, `call ${index(remaining)}; drop`)],
  ["a begin that does more", insert(begin, "i32.const 1; global.set 0")],
  ["a begin that sets plenty", replace(begin, "local.get 0", "i32.const 1000000")],
  // Recursion.
  [
    "a recursive function without its entry check",
    replace(shared, entryCheck, "local.get 2; i32.const 1; i32.sub; local.tee 2; drop"),
  ],
  [
    "depth that doesn't decrease",
    replace(even, "local.get 2; i32.const 1; i32.sub", "local.get 2; i32.const 0; i32.sub"),
  ],
  [
    "depth that increases",
    replace(even, "local.get 2; i32.const 1; i32.sub", "local.get 2; i32.const -1; i32.sub"),
  ],
  ["depth set by the guest", insert(even, "i32.const 1000; local.set 2", "end")],
  ["depth that runs out without an end", replace(shared, "unreachable; end", "nop; end")],
  [
    "an entry that checks fuel alone",
    replace(shared, entryCheck, `local.get 2; i32.const 1; i32.sub; local.tee 2; drop; ${check}`),
  ],
  ["an entry that checks depth alone", replace(shared, check, "")],
  [
    "an entry check of another local",
    replace(shared, "local.tee 2; local.get 1; i32.or", "local.tee 2; local.get 0; i32.or"),
  ],
  [
    "an entry check that never holds",
    replace(shared, "i32.or; i32.const 0", "i32.or; i32.const -2147483648"),
  ],
  [
    "both functions of a cycle without a check",
    inTurn(
      replace(even, entryCheck, "local.get 2; i32.const 1; i32.sub; local.tee 2; drop"),
      replace(odd, entryCheck, "local.get 2; i32.const 1; i32.sub; local.tee 2; drop"),
    ),
  ],
  // Claims.
  ["a loop in a function that claims no fuel", claim(plain, Claim.none)],
  ["a threaded function that claims to share", claim(mined, Claim.shared)],
  ["a shared function that claims to be threaded", claim(shared, Claim.threaded)],
  ["a deep function that claims not to be", claim(even, Claim.threaded)],
  ["a function that claims depth it doesn't take", claim(mined, Claim.threadedDeep)],
  [
    "no claims at all",
    (bytes) => withSection(bytes, SectionId.custom, undefined, "fusewire:claims"),
  ],
  [
    "a cycle none of whose functions claims to be counted",
    inTurn(claim(even, Claim.threadedDeep), claim(odd, Claim.threadedDeep)),
  ],
  // The order of calls.
  ["no order at all", (bytes) => withSection(bytes, SectionId.custom, undefined, orderSection)],
  ["an order without its last function", order((list) => list.slice(0, -1))],
  ["an order with a function twice", order((list) => [...list.slice(0, -1), list[0] as Ordered])],
  [
    "an order of functions that there aren't",
    order((list) => list.map((e) => ({ ...e, f: e.f + 1 }))),
  ],
  ["callers before callees", order((list) => [...list].reverse())],
  ["a cycle in two groups", order((list) => list.map((e) => ({ ...e, begins: true })))],
  // Where recursive functions check.
  [
    "a call in front of the check of fuel and depth",
    inTurn(
      replace(even, entryCheck, ""),
      insert(
        even,
        `local.get 0; local.get 1; local.get 2; call ${index(odd)}; local.set 1; drop; ${entryCheck}`,
      ),
    ),
  ],
  [
    "a check of fuel and depth on one way to a call only",
    inTurn(replace(even, entryCheck, ""), insert(even, `local.get 0; if; ${entryCheck}; end`)),
  ],
  [
    "a check of fuel and depth that comes late",
    inTurn(
      replace(even, entryCheck, ""),
      insert(even, `${"local.get 0; drop; ".repeat(200)}${entryCheck}`),
    ),
  ],
  // Forward code.
  ["too much forward code without a check", insert(plain, "i32.const 1; drop; ".repeat(250_001))],
  [
    "too many host calls without a check",
    (bytes) =>
      insert(
        host,
        `local.get 1; global.get ${price(priceB)}; i32.sub; global.set ${fuelGlobal}; call 1; ${reload}; `.repeat(
          100,
        ),
      )(bytes),
  ],
];

const sections: [what: string, mutate: Mutate][] = [
  [
    "a start section left in",
    (bytes) => withSection(bytes, SectionId.start, u32(index(nothingThunk))),
  ],
  ["memory without a maximum", (bytes) => withSection(bytes, SectionId.memory, [1, 0, 1])],
  ["a table without a maximum", (bytes) => withSection(bytes, SectionId.table, [1, 0x70, 0, 4])],
  ["the fuel global exported under another name", also("fuel", 3, fuelGlobal)],
  ["a price exported under another name", also("cheap", 3, price(priceA))],
  ["an import exported as it is", also("a", 0, 0)],
  ["refill exported", also("refill", 0, 2)],
  ["begin exported under another name", also("again", 0, index(begin))],
  ["a threaded function exported", also("mined", 0, index(mined))],
  ["an import in a table", elements(0)],
  ["refill in a table", elements(2)],
  ["begin in a table", elements(index(begin))],
  ["a function that takes no fuel in a table of those that do", elements(index(runThunk))],
  ["a table of threaded functions exported", also("t", 1, 0)],
  [
    "an export of the meter's missing",
    (bytes) => withExports(bytes, (list) => list.filter((e) => e.name !== "fusewire:stop")),
  ],
  [
    "two exports of the meter's that are one",
    (bytes) =>
      withExports(bytes, (list) =>
        list.map((e) => (e.name === "fusewire:stop" ? { ...e, index: fuelGlobal } : e)),
      ),
  ],
  [
    "prices of two imports in one global",
    (bytes) =>
      withExports(bytes, (list) =>
        list.map((e) => (e.name === "fusewire:price:1" ? { ...e, index: price(priceA) } : e)),
      ),
  ],
  ["a function of the guest's under a reserved name", also("fusewire:other", 0, index(runThunk))],
];

function expectCaught(bytes: Uint8Array): void {
  expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
  expect(() => verify(bytes)).toThrow(VerifyError);
}

describe("the verifier", () => {
  it("accepts what the meter makes", () => {
    verify(base);
    verify(visible);
  });

  it("accepts a module that was taken apart and put together again", () => {
    verify(replace(plain, check, check)(base));
    verify(withExports(base, (list) => list));
  });

  it.each(mutants)("catches %s", (_what, mutate, of = base) => {
    expectCaught(mutate(of));
  });

  it.each(sections)("catches %s", (_what, mutate) => {
    expectCaught(mutate(base));
  });

  it("catches a second import of the meter's, or another type of it", () => {
    const own_ = [name("fusewire:meter"), name("refill"), 0];
    const other = (...list: Bytes[]): Uint8Array =>
      module(section(1, 2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0), section(2, u32(list.length), list));
    for (const bytes of [
      other([own_, 1]),
      other([own_, 0], [own_, 0]),
      other([own_, 0], [name("fusewire:meter"), name("other"), 0, 1]),
      other(),
    ]) {
      expectCaught(bytes);
    }
  });

  it("names the function and the offset", () => {
    const bytes = replace(plain, check, "")(base);
    const error = (() => {
      try {
        verify(bytes);
      } catch (thrown) {
        return thrown as VerifyError;
      }
      return undefined;
    })();
    const body = parseModule(bytes).bodies[plain];
    expect(error?.functionIndex).toBe(index(plain));
    expect(error?.offset).toBeGreaterThan(body?.codeStart ?? Infinity);
    expect(error?.offset).toBeLessThan(body?.end ?? 0);
    expect(flat(u32(error?.offset ?? 0)).length).toBeGreaterThan(0);
  });
});
