import type { Ending } from "./metered-guest.ts";
import {
  globalCount,
  hostFunctions,
  type Instruction,
  maxMemoryPages,
  memoryPages,
  type Plain,
  type Program,
  type ProgramFunction,
  type Signature,
  signatureOf,
} from "./program.ts";

const pageBytes = 65_536;

/** Fuel of an instruction, written down once more, apart from the meter's own table. */
const freeInstructions: ReadonlySet<string> = new Set([
  "nop",
  "drop",
  "block",
  "loop",
  "unreachable",
  "return",
]);

/** How the interpreter came to an end; beyond its own bounds it gives up. */
export type InterpretedEnding =
  | Ending
  /** More fuel than the bound, or calls nested deeper. */
  | { readonly kind: "gave-up" };

class Trap extends Error {}
class GaveUp extends Error {}

/** A branch on its way out: so many blocks more, or all of the function's. */
type Exit = number | undefined;

/**
 * Runs a program as it is written, one instruction after the other, and adds up what each costs.
 * Knows nothing of blocks charged at once, of checks, or of slices.
 */
export class Interpreter {
  fuel = 0;
  readonly globals = new Int32Array(globalCount);
  readonly log: number[] = [];
  memory = new Uint8Array(memoryPages * pageBytes);
  private stack: number[] = [];
  private depth = 0;
  private tail: number | undefined;

  constructor(
    private readonly program: Program,
    private readonly maxFuel: number,
    private readonly maxDepth: number,
  ) {}

  run(args: readonly number[]): InterpretedEnding {
    this.stack = [...args];
    try {
      this.invoke(hostFunctions.length);
      return { kind: "finished", values: this.stack };
    } catch (error) {
      if (error instanceof Trap) return { kind: "trap", message: error.message };
      if (error instanceof GaveUp) return { kind: "gave-up" };
      throw error;
    }
  }

  private spend(fuel: number): void {
    this.fuel += fuel;
    if (this.fuel > this.maxFuel) throw new GaveUp();
  }

  private pop(): number {
    const value = this.stack.pop();
    if (value === undefined) throw new Error("the program pops an empty stack");
    return value;
  }

  private push(value: number): void {
    this.stack.push(value | 0);
  }

  private take(count: number): number[] {
    return count === 0 ? [] : this.stack.splice(this.stack.length - count);
  }

  /** Calls a function, and those that it tail-calls. */
  private invoke(index: number): void {
    if (++this.depth > this.maxDepth) throw new GaveUp();
    let callee: number | undefined = index;
    while (callee !== undefined) {
      this.tail = undefined;
      const own: ProgramFunction | undefined =
        this.program.functions[callee - hostFunctions.length];
      if (own === undefined) this.host(callee);
      else this.body(own);
      callee = this.tail;
    }
    this.depth--;
  }

  private host(index: number): void {
    const host = hostFunctions[index];
    if (host === undefined) throw new Error(`no function ${index}`);
    this.spend(host.price);
    const [argument] = this.take(host.params);
    this.log.push(index, argument ?? 0);
    if (host.results === 1) this.push(answer(argument ?? 0));
  }

  private body(own: ProgramFunction): void {
    this.spend(Math.floor(own.locals / 8));
    const locals = [...this.take(own.params), ...Array<number>(own.locals).fill(0)];
    const height = this.stack.length;
    this.sequence(own.body, locals);
    const results = this.take(this.tail === undefined ? own.results : this.tailParams());
    this.stack.length = height;
    this.stack.push(...results);
  }

  private tailParams(): number {
    return signatureOf(this.program, this.tail as number).params;
  }

  /** Undefined when it comes to its end, else how many blocks to leave; all for a return. */
  private sequence(list: readonly Instruction[], locals: number[]): Exit {
    for (const i of list) {
      const exit = this.instruction(i, locals);
      if (exit !== undefined) return exit;
    }
    return undefined;
  }

  private instruction(i: Instruction, locals: number[]): Exit {
    if (!freeInstructions.has(i.op)) this.spend(1);
    switch (i.op) {
      case "const":
        this.push(i.value);
        return undefined;
      case "local.get":
        this.push(locals[i.value] as number);
        return undefined;
      case "local.set":
        locals[i.value] = this.pop();
        return undefined;
      case "local.tee":
        locals[i.value] = this.stack.at(-1) as number;
        return undefined;
      case "global.get":
        this.push(this.globals[i.value] as number);
        return undefined;
      case "global.set":
        this.globals[i.value] = this.pop();
        return undefined;
      case "br":
        return i.label;
      case "br_if":
        return this.pop() !== 0 ? i.label : undefined;
      case "br_table": {
        const index = this.pop() >>> 0;
        return i.labels[Math.min(index, i.labels.length - 1)];
      }
      case "call":
        this.invoke(i.callee);
        return undefined;
      case "return_call":
        this.tail = i.callee;
        return Infinity;
      case "call_indirect":
        this.invoke(this.entry(i.type));
        return undefined;
      case "return_call_indirect":
        this.tail = this.entry(i.type);
        return Infinity;
      case "block":
        return this.block(i.body, i.type, locals);
      case "loop":
        return this.loop(i.body, i.type, locals);
      case "if": {
        const body = this.pop() !== 0 ? i.body : (i.otherwise ?? []);
        return this.block(body, i.type, locals);
      }
      default:
        return this.plain(i.op);
    }
  }

  private entry(type: Signature): number {
    const callee = this.program.table[this.pop() >>> 0];
    if (callee === undefined) throw new Trap("table index is out of bounds");
    const { params, results } = signatureOf(this.program, callee);
    if (params !== type.params || results !== type.results) throw new Trap("signature mismatch");
    return callee;
  }

  private block(body: readonly Instruction[], type: Signature, locals: number[]): Exit {
    const height = this.stack.length - type.params;
    const exit = this.sequence(body, locals);
    if (exit === undefined) return undefined;
    if (exit > 0) return exit - 1;
    this.unwind(height, type.results);
    return undefined;
  }

  private loop(body: readonly Instruction[], type: Signature, locals: number[]): Exit {
    const height = this.stack.length - type.params;
    for (;;) {
      const exit = this.sequence(body, locals);
      if (exit === undefined) return undefined;
      if (exit > 0) return exit - 1;
      this.unwind(height, type.params);
    }
  }

  private unwind(height: number, carried: number): void {
    const values = this.take(carried);
    this.stack.length = height;
    this.stack.push(...values);
  }

  private plain(op: Plain): Exit {
    switch (op) {
      case "nop":
        return undefined;
      case "drop":
        this.pop();
        return undefined;
      case "return":
        return Infinity;
      case "unreachable":
        throw new Trap("unreachable");
      case "eqz":
        this.push(this.pop() === 0 ? 1 : 0);
        return undefined;
      case "select": {
        const condition = this.pop();
        const second = this.pop();
        if (condition === 0) {
          this.pop();
          this.push(second);
        }
        return undefined;
      }
      case "load": {
        const address = this.range(this.pop() >>> 0, 4);
        this.push(new DataView(this.memory.buffer).getInt32(address, true));
        return undefined;
      }
      case "store": {
        const value = this.pop();
        const address = this.range(this.pop() >>> 0, 4);
        new DataView(this.memory.buffer).setInt32(address, value, true);
        return undefined;
      }
      case "memory.size":
        this.push(this.memory.length / pageBytes);
        return undefined;
      case "memory.grow":
        this.grow(this.pop() >>> 0);
        return undefined;
      case "memory.fill": {
        const [to, value, length] = this.bulk();
        this.memory.fill(value, this.range(to, length), to + length);
        return undefined;
      }
      case "memory.copy": {
        const [to, from, length] = this.bulk();
        this.memory.copyWithin(this.range(to, length), this.range(from, length), from + length);
        return undefined;
      }
      default:
        this.binary(op);
        return undefined;
    }
  }

  private bulk(): [number, number, number] {
    const [a, b, length] = this.take(3).map((v) => v >>> 0) as [number, number, number];
    this.spend(Math.floor(length / 8));
    return [a, b, length];
  }

  private grow(pages: number): void {
    this.spend(Math.min(pages, 65_536) * 8192);
    const before = this.memory.length / pageBytes;
    if (before + pages > maxMemoryPages) {
      this.push(-1);
      return;
    }
    const grown = new Uint8Array((before + pages) * pageBytes);
    grown.set(this.memory);
    this.memory = grown;
    this.push(before);
  }

  private range(address: number, length: number): number {
    if (address + length > this.memory.length) throw new Trap("memory access out of bounds");
    return address;
  }

  private binary(op: Plain): void {
    const b = this.pop();
    const a = this.pop();
    switch (op) {
      case "add":
        this.push(a + b);
        return;
      case "sub":
        this.push(a - b);
        return;
      case "mul":
        this.push(Math.imul(a, b));
        return;
      case "and":
        this.push(a & b);
        return;
      case "xor":
        this.push(a ^ b);
        return;
      case "shr_u":
        this.push(a >>> b);
        return;
      case "eq":
        this.push(a === b ? 1 : 0);
        return;
      case "lt_s":
        this.push(a < b ? 1 : 0);
        return;
      case "lt_u":
        this.push(a >>> 0 < b >>> 0 ? 1 : 0);
        return;
      case "div_u":
        if (b === 0) throw new Trap("divide by zero");
        this.push((a >>> 0) / (b >>> 0));
        return;
      default:
        throw new Error(`no binary instruction ${op}`);
    }
  }
}

/** What `tick` answers. */
export function answer(argument: number): number {
  return (argument ^ 5) | 0;
}
