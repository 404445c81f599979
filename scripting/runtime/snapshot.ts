import { type AdmittedModule, limitPages, pageBytes } from "../admission/admit.ts";
import type { WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";

/** What an instance of a module has come to. */
export interface InstanceState {
  /** Size of the memory, in 64 KiB pages. */
  readonly pages: number;
  /** Its bytes, up to the last one that isn't 0. */
  readonly memory: Uint8Array;
  /** Its globals that can change, in the module's order: a bigint for an i64. */
  readonly globals: readonly (number | bigint)[];
}

/**
 * A script's own state between two calls: its memory and its globals. Plain data, to be cloned, sent and
 * saved; what the script knows of the world is in the world.
 */
export interface ScriptSnapshot extends InstanceState {
  /** Tells modules apart: state is of no use to another one. */
  readonly module: string;
}

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** Length and FNV-1a hash (Fowler, Noll, Vo) of a module: against mistakes, not against malice. */
export function moduleKey(module: WasmModule): string {
  let hash = offsetBasis;
  for (const byte of module.bytes) hash = Math.imul(hash ^ byte, prime);
  return `${module.bytes.length}-${(hash >>> 0).toString(16)}`;
}

/** How many bytes there are up to the last one that isn't 0. */
export function usedBytes(memory: Uint8Array): number {
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length >> 3);
  let word = words.length - 1;
  while (word >= 0 && words[word] === 0n) word--;
  return (word + 1) << 3;
}

/**
 * Checks a snapshot, which may come out of a file, against the module it is for.
 * @param key the module's {@link moduleKey}.
 * @param stateGlobals indices of the globals that a snapshot has.
 * @param mostPages of memory that it may have, besides what its limits say.
 * @throws TypeError that says what is wrong with it.
 */
export function checkSnapshot(
  snapshot: ScriptSnapshot,
  key: string,
  { limits, module }: AdmittedModule,
  stateGlobals: readonly number[],
  mostPages = Infinity,
): void {
  const refuse = (why: string): never => {
    throw new TypeError(`the snapshot can't be restored: ${why}`);
  };
  if (typeof snapshot !== "object" || snapshot === null) refuse("it is none");
  const { pages, memory, globals } = snapshot;
  if (snapshot.module !== key) refuse("it is of another module");
  const sizes = module.memories[0];
  const most =
    sizes === undefined ? 0 : Math.min(limitPages(limits), sizes.max ?? Infinity, mostPages);
  if (!Number.isInteger(pages) || pages < (sizes?.min ?? 0) || pages > most) {
    refuse(`it has ${pages} pages of memory, the script ${sizes?.min ?? 0} to ${most}`);
  }
  if (!(memory instanceof Uint8Array) || memory.length > pages * pageBytes) {
    refuse("its memory isn't that of its pages");
  }
  if (!Array.isArray(globals) || globals.length !== stateGlobals.length) {
    refuse(`it hasn't ${stateGlobals.length} globals`);
  }
  stateGlobals.forEach((global, i) => {
    const wanted = module.globals[global]?.valType === ValType.i64 ? "bigint" : "number";
    if (typeof globals[i] !== wanted) refuse(`global ${i} is no ${wanted}`);
  });
}
