/** Opcodes of the first load and of the first store; those of loads end where stores begin. */
const [firstLoad, firstStore, behindStores] = [0x28, 0x36, 0x3f];
/** Bytes that each load takes, in the order of opcodes. */
const loadBytes = [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4];

/** Whether an instruction reads memory, and nothing else. Those of vectors aren't told. */
export function isLoad(op: number): boolean {
  return op >= firstLoad && op < firstStore;
}

/** Whether an instruction writes memory, and nothing else. Those of vectors aren't told. */
export function isStore(op: number): boolean {
  return op >= firstStore && op < behindStores;
}

/** Bytes that a load takes. */
export function bytesOfLoad(op: number): number {
  return loadBytes[op - firstLoad] as number;
}
