/** Opcodes by name. A prefixed one is `prefix << 16 | sub-opcode`. */
export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GeS: 0x4e,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Or: 0x72,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64ExtendI32S: 0xac,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  memoryInit: 0xfc0008,
  dataDrop: 0xfc0009,
  memoryCopy: 0xfc000a,
  memoryFill: 0xfc000b,
  tableInit: 0xfc000c,
  elemDrop: 0xfc000d,
  tableCopy: 0xfc000e,
  tableGrow: 0xfc000f,
  tableSize: 0xfc0010,
  tableFill: 0xfc0011,
} as const;

/** Value types, as the format encodes them. */
export const ValType = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
} as const;

/** Block type of a block without parameters and results. */
export const emptyBlockType = 0x40;

/** What follows an opcode. */
export const Immediate = {
  none: 0,
  blockType: 1,
  label: 2,
  labelTable: 3,
  index: 4, // one u32
  indexPair: 5, // two u32
  memoryAccess: 6,
  memoryIndex: 7, // one zero byte
  i32: 8,
  i64: 9,
  f32: 10,
  f64: 11,
  valTypes: 12,
  refType: 13,
  prefixFc: 14,
  prefixFd: 15,
  denied: 16,
  unknown: 17,
} as const;

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
