/** What instructions count in sums over code, for whoever wants them: 0 to 255 each. */
export interface InstructionWeights {
  /** By one-byte opcode. */
  readonly short: Uint8Array;
  /** Of every prefixed instruction. */
  readonly prefixed: number;
}
