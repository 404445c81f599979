import { Immediate } from "./op.ts";

/** Immediate kind of each one-byte opcode. */
export const immediates: Uint8Array = (() => {
  const table = new Uint8Array(256).fill(Immediate.unknown);
  const set = (from: number, to: number, kind: number): void => {
    table.fill(kind, from, to + 1);
  };
  set(0x00, 0x01, Immediate.none);
  set(0x02, 0x04, Immediate.blockType);
  set(0x05, 0x05, Immediate.none);
  set(0x06, 0x0a, Immediate.denied);
  set(0x0b, 0x0b, Immediate.none);
  set(0x0c, 0x0d, Immediate.label);
  set(0x0e, 0x0e, Immediate.labelTable);
  set(0x0f, 0x0f, Immediate.none);
  set(0x10, 0x10, Immediate.index);
  set(0x11, 0x11, Immediate.indexPair);
  set(0x12, 0x12, Immediate.index);
  set(0x13, 0x13, Immediate.indexPair);
  set(0x14, 0x15, Immediate.denied);
  set(0x18, 0x19, Immediate.denied);
  set(0x1a, 0x1b, Immediate.none);
  set(0x1c, 0x1c, Immediate.valTypes);
  set(0x1f, 0x1f, Immediate.denied);
  set(0x20, 0x26, Immediate.index);
  set(0x28, 0x3e, Immediate.memoryAccess);
  set(0x3f, 0x40, Immediate.memoryIndex);
  set(0x41, 0x41, Immediate.i32);
  set(0x42, 0x42, Immediate.i64);
  set(0x43, 0x43, Immediate.f32);
  set(0x44, 0x44, Immediate.f64);
  set(0x45, 0xc4, Immediate.none);
  set(0xd0, 0xd0, Immediate.refType);
  set(0xd1, 0xd1, Immediate.none);
  set(0xd2, 0xd2, Immediate.index);
  set(0xd3, 0xd6, Immediate.denied);
  set(0xe0, 0xe6, Immediate.denied);
  set(0xfb, 0xfb, Immediate.denied);
  set(0xfc, 0xfc, Immediate.prefixFc);
  set(0xfd, 0xfd, Immediate.prefixFd);
  set(0xfe, 0xfe, Immediate.denied);
  return table;
})();

/** The proposal that a denied one-byte opcode or prefix belongs to. */
export function deniedProposal(opcode: number): string {
  if (opcode === 0xfe) return "threads";
  if (opcode === 0xfb || opcode === 0xd3) return "GC";
  if (opcode >= 0xe0 && opcode <= 0xe6) return "stack switching";
  if (opcode === 0x14 || opcode === 0x15 || (opcode >= 0xd4 && opcode <= 0xd6)) {
    return "function-references";
  }
  return "exceptions";
}

/** Last sub-opcode of fixed-width SIMD; relaxed SIMD begins at 0x100. */
export const lastSimdOpcode = 0xff;
export const firstRelaxedSimdOpcode = 0x100;
export const lastRelaxedSimdOpcode = 0x113;

/** Sub-opcodes below {@link firstRelaxedSimdOpcode} that no instruction has. */
export const unassignedSimdOpcodes: ReadonlySet<number> = new Set([
  0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2,
  0xd3, 0xd4, 0xe2, 0xee,
]);
