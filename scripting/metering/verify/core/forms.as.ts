import { Immediate, Op } from "../../../wasm/op";
import { immediates } from "../../../wasm/core/immediates.as";

/** What the verifier asks of each one-byte opcode: an i64 each. */
const forms: usize = memory.data(256 << 3);

/**
 * Bytes of each one's shortest form, once more: nothing is read as often, and each instruction
 * waits for the last one's.
 */
const sizes: usize = memory.data(256);

// In the lower half, the bits of an instruction's first four bytes that are clear in its shortest
// form. In the upper half:
/** It names a local, which may be the meter's. */
export const localBit: i32 = 4;
/** It is always looked at: by the flow or the rules, or both. */
export const flowBit: i32 = 5;
export const rulesBit: i32 = 6;
/** It generates no code. */
const freeBit: i32 = 7;
export const lookBits: i32 = (1 << flowBit) | (1 << rulesBit);

/** The form of the instruction whose first byte is `op`. */
@inline
export function formOf(op: i32): i64 {
  return load<i64>(forms + (<usize>op << 3));
}

/** Whether an instruction has its shortest form, going by its first four bytes. */
@inline
export function isShort(form: i64, word: i32): bool {
  return (<i32>form & word) == 0;
}

@inline
export function flagsOf(form: i64): i32 {
  return <i32>(form >> 32);
}

/** Bytes of the shortest form of the instruction at an address. */
@inline
export function shortSizeAt(at: usize): usize {
  return load<u8>(sizes + load<u8>(at));
}

/** 1 for an instruction that generates code, else 0. */
@inline
export function instructionsOf(flags: i32): i32 {
  return ((flags >> freeBit) & 1) ^ 1;
}

/**
 * Bits that are clear in the shortest form of an instruction with an integer, and of one that goes
 * to memory.
 */
export const integerForm: i32 = 0x8000;
/** No scalar is aligned to more than 2^3; bit 6 says that more follows. */
export const memoryForm: i32 = 0x80_fc00;

function form(op: i32, size: i32, clear: i32): void {
  store<i64>(forms + (<usize>op << 3), clear);
  store<u8>(sizes + op, size);
}

function mark(op: i32, bit: i32): void {
  const at = forms + (<usize>op << 3);
  store<i64>(at, load<i64>(at) | ((<i64>1) << (32 + bit)));
}

for (let op = 0; op < 256; op++) {
  switch (immediates[op]) {
    case Immediate.none:
      form(op, 1, 0);
      break;
    case Immediate.index:
    case Immediate.label:
    case Immediate.i32:
    case Immediate.i64:
      form(op, 2, integerForm);
      break;
    case Immediate.blockType:
      // Unlike other integers: longer ones have to be looked at. The opcodes have a clear top bit,
      // too.
      form(op, 2, integerForm | 0x80);
      break;
    case Immediate.indexPair:
      form(op, 3, 0x80_8000);
      break;
    case Immediate.memoryAccess:
      form(op, 3, memoryForm);
      break;
    case Immediate.memoryIndex:
      form(op, 2, 0xff00);
      break;
    case Immediate.f32:
      form(op, 5, 0);
      break;
    case Immediate.f64:
      form(op, 9, 0);
      break;
    default:
      // None of these opcodes is 0, so they have no short form.
      form(op, 0, 0xff);
  }
}
for (let op = 0; op <= Op.returnCallIndirect; op++) mark(op, flowBit);
mark(Op.drop, flowBit);
mark(Op.localGet, localBit);
mark(Op.localSet, localBit);
mark(Op.localTee, localBit);
mark(Op.globalSet, rulesBit);
mark(Op.globalGet, rulesBit);
mark(Op.refFunc, rulesBit);
mark(Op.memoryGrow, rulesBit);
mark(Op.call, rulesBit);
mark(Op.callIndirect, rulesBit);
mark(Op.returnCall, rulesBit);
mark(Op.returnCallIndirect, rulesBit);
mark(Op.return_, rulesBit);
mark(Op.nop, freeBit);
mark(Op.block, freeBit);
mark(Op.loop, freeBit);
mark(Op.end, freeBit);
mark(Op.else_, freeBit);
mark(Op.drop, freeBit);
