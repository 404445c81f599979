import {
  globalCount,
  hostFunctions,
  type Instruction,
  type Plain,
  type Program,
  type ProgramFunction,
  type Signature,
} from "./program.ts";

/**
 * Makes a valid program of any bytes: each decides the next choice, and behind the last one all
 * choices are the simplest. So whatever a shrinking generator of bytes leaves is a program too.
 */
export function generate(choices: Uint8Array): Program {
  return new Generator(choices).program();
}

const binary: readonly Plain[] = ["add", "sub", "mul", "and", "xor", "shr_u", "eq", "lt_s", "lt_u"];
const none: Signature = { params: 0, results: 0 };
/** Locals that statements write; loops count in others. */
const freeLocals = 3;
const maxNesting = 5;

/** What an open block's label wants on the stack. */
interface Label {
  readonly values: number;
}

class Generator {
  private at = 0;
  private signatures: Signature[] = [];
  private table: number[] = [];
  // The function being made.
  private own: Signature = none;
  private labels: Label[] = [];
  private locals = 0;
  private budget = 0;

  constructor(private readonly choices: Uint8Array) {}

  program(): Program {
    const count = 1 + this.below(5);
    this.signatures = Array.from({ length: count }, () => ({
      params: this.below(4),
      results: this.below(4),
    }));
    const all = count + hostFunctions.length;
    this.table = Array.from({ length: 1 + this.below(5) }, () => this.below(all));
    const functions = this.signatures.map((s) => this.function(s));
    return { functions, table: this.table };
  }

  private below(count: number): number {
    const choice = this.choices[this.at++] ?? 0;
    return choice % count;
  }

  private get exhausted(): boolean {
    return this.at >= this.choices.length;
  }

  private function(signature: Signature): ProgramFunction {
    this.own = signature;
    this.labels = [{ values: signature.results }];
    this.locals = freeLocals + this.below(2) * 20;
    this.budget = 40;
    const body = [...this.statements(0), ...this.values(signature.results, 0)];
    return { ...signature, locals: this.locals, body };
  }

  private statements(depth: number): Instruction[] {
    const list: Instruction[] = [];
    for (let left = this.below(6); left > 0 && this.budget > 0; left--) {
      this.budget--;
      list.push(...this.statement(depth));
    }
    return list;
  }

  private values(count: number, depth: number): Instruction[] {
    const list: Instruction[] = [];
    for (let i = 0; i < count; i++) list.push(...this.value(depth));
    return list;
  }

  private readLocal(): number {
    return this.below(this.own.params + freeLocals);
  }

  /** Takes `count` values off the stack. */
  private consume(count: number): Instruction[] {
    return Array.from({ length: count }, () =>
      this.below(2) === 0 ? { op: "drop" } : { op: "local.set", value: this.readLocal() },
    );
  }

  private statement(depth: number): Instruction[] {
    const nests = depth < maxNesting && !this.exhausted;
    switch (this.below(26)) {
      case 0:
        return [{ op: "nop" }];
      case 1:
      case 2:
        return [...this.value(depth), { op: "local.set", value: this.readLocal() }];
      case 3:
        return [...this.value(depth), { op: "global.set", value: this.below(globalCount) }];
      case 4:
        return [...this.address(), ...this.value(depth), { op: "store" }];
      case 5:
        return [...this.value(depth), { op: "drop" }];
      case 6:
      case 7:
        return nests ? this.block(depth) : [];
      case 8:
      case 9:
      case 10:
        return nests ? this.counted(depth) : [];
      case 11:
        return nests ? this.loop(depth) : [];
      case 12:
      case 13:
      case 14:
        return nests ? this.branching(depth) : [];
      case 15:
      case 16:
      case 17:
        return this.branchIf(depth);
      case 18:
        return this.branch(depth);
      case 19:
        return this.branchTable(depth);
      case 20:
        return this.leave(depth);
      case 21:
      case 22:
        return this.call(depth);
      case 23:
        return this.callIndirect(depth);
      case 24:
        return this.bulk();
      default:
        return this.below(4) === 0 ? [{ op: "unreachable" }, ...this.dead()] : [{ op: "nop" }];
    }
  }

  private value(depth: number): Instruction[] {
    if (this.exhausted || depth > maxNesting + 2) return [{ op: "const", value: 0 }];
    switch (this.below(14)) {
      case 0:
      case 1:
        return [{ op: "const", value: this.below(9) - 1 }];
      case 2:
      case 3:
      case 4:
        return [{ op: "local.get", value: this.readLocal() }];
      case 5:
      case 6: {
        const op = binary[this.below(binary.length)] as Plain;
        return [...this.value(depth + 1), ...this.value(depth + 1), { op }];
      }
      case 7:
        return [...this.value(depth + 1), { op: "eqz" }];
      case 8:
        return [...this.value(depth + 1), { op: "local.tee", value: this.readLocal() }];
      case 9:
        return [...this.address(), { op: "load" }];
      case 10:
        return [...this.values(3, depth + 1), { op: "select" }];
      case 11:
        return [{ op: "global.get", value: this.below(globalCount) }];
      case 12:
        return this.valueIf(depth + 1);
      default:
        return [...this.value(depth + 1), { op: "call", callee: 0 }];
    }
  }

  private address(): Instruction[] {
    const fixed: Instruction = { op: "const", value: this.below(16) * 4 };
    return this.below(8) === 7 ? [...this.value(maxNesting), fixed, { op: "add" }] : [fixed];
  }

  private within(values: number, make: () => Instruction[]): Instruction[] {
    this.labels.push({ values });
    const made = make();
    this.labels.pop();
    return made;
  }

  private blockType(): Signature {
    return this.below(2) === 0 ? none : { params: this.below(3), results: this.below(4) };
  }

  /** A block body: parameters into locals, statements, results. */
  private inside(type: Signature, depth: number): Instruction[] {
    return [
      ...this.consume(type.params),
      ...this.statements(depth + 1),
      ...this.values(type.results, depth + 1),
    ];
  }

  private block(depth: number): Instruction[] {
    const type = this.blockType();
    const given = this.values(type.params, depth + 1);
    const body = this.within(type.results, () => this.inside(type, depth));
    return [...given, { op: "block", type, body }, ...this.consume(type.results)];
  }

  /** A loop that only branches of its body go round. */
  private loop(depth: number): Instruction[] {
    const type = this.blockType();
    const given = this.values(type.params, depth + 1);
    const body = this.within(type.params, () => this.inside(type, depth));
    return [...given, { op: "loop", type, body }, ...this.consume(type.results)];
  }

  /** A loop that counts down, or out of which a branch leads when it has counted down. */
  private counted(depth: number): Instruction[] {
    const counter = this.own.params + this.locals++;
    const type = this.blockType();
    const start = this.below(6) + 1;
    const step: Instruction[] = [
      { op: "local.get", value: counter },
      { op: "const", value: 1 },
      { op: "sub" },
      { op: "local.tee", value: counter },
    ];
    const begin: Instruction[] = [
      { op: "const", value: start },
      { op: "local.set", value: counter },
    ];
    if (this.below(2) === 0) {
      const given = this.values(type.params, depth + 1);
      const body = this.within(type.params, () => [
        ...this.consume(type.params),
        ...this.statements(depth + 1),
        ...this.values(type.params, depth + 1),
        ...step,
        { op: "br_if", label: 0 },
        ...this.consume(type.params),
        ...this.values(type.results, depth + 1),
      ]);
      return [...begin, ...given, { op: "loop", type, body }, ...this.consume(type.results)];
    }
    const body = this.within(0, () =>
      this.within(0, () => [
        ...step,
        { op: "eqz" },
        { op: "br_if", label: 1 },
        ...this.statements(depth + 1),
        { op: "br", label: 0 },
      ]),
    );
    return [...begin, { op: "block", type: none, body: [{ op: "loop", type: none, body }] }];
  }

  private branching(depth: number): Instruction[] {
    const type = this.blockType();
    const given = this.values(type.params, depth + 1);
    const condition = this.value(depth + 1);
    const body = this.within(type.results, () => this.inside(type, depth));
    const two = type.params !== type.results || this.below(2) === 0;
    const otherwise = two ? this.within(type.results, () => this.inside(type, depth)) : undefined;
    return [
      ...given,
      ...condition,
      { op: "if", type, body, otherwise },
      ...this.consume(type.results),
    ];
  }

  private valueIf(depth: number): Instruction[] {
    const type: Signature = { params: 0, results: 1 };
    const condition = this.value(depth + 1);
    const body = this.within(1, () => this.value(depth + 1));
    const otherwise = this.within(1, () => [
      ...this.statements(maxNesting),
      ...this.value(depth + 1),
    ]);
    return [...condition, { op: "if", type, body, otherwise }];
  }

  private label(): number {
    // Loops that nothing counts end in the budget, so they are the rarer choice.
    return this.below(this.labels.length);
  }

  private valuesOf(label: number): number {
    return this.labels[this.labels.length - 1 - label]?.values ?? 0;
  }

  private branchIf(depth: number): Instruction[] {
    const label = this.label();
    const carried = this.valuesOf(label);
    return [
      ...this.values(carried, depth + 1),
      ...this.value(depth + 1),
      { op: "br_if", label },
      ...this.consume(carried),
    ];
  }

  private branch(depth: number): Instruction[] {
    const label = this.label();
    return [...this.values(this.valuesOf(label), depth + 1), { op: "br", label }, ...this.dead()];
  }

  private branchTable(depth: number): Instruction[] {
    const first = this.label();
    const carried = this.valuesOf(first);
    const labels = [first];
    for (let more = this.below(4); more > 0; more--) {
      const label = this.label();
      if (this.valuesOf(label) === carried) labels.push(label);
    }
    return [
      ...this.values(carried, depth + 1),
      ...this.value(depth + 1),
      { op: "br_table", labels },
      ...this.dead(),
    ];
  }

  private leave(depth: number): Instruction[] {
    return [...this.values(this.own.results, depth + 1), { op: "return" }, ...this.dead()];
  }

  /** Code behind a branch, that never runs. */
  private dead(): Instruction[] {
    switch (this.below(6)) {
      case 1:
        return [{ op: "const", value: 1 }, { op: "drop" }];
      case 2:
        return [{ op: "loop", type: none, body: [{ op: "br", label: 0 }] }];
      case 3:
        return [{ op: "block", type: none, body: [{ op: "unreachable" }] }, { op: "nop" }];
      case 4:
        return [
          { op: "if", type: none, body: [{ op: "br", label: 0 }], otherwise: [{ op: "nop" }] },
        ];
      case 5:
        return [
          { op: "add" },
          { op: "drop" },
          { op: "const", value: 0 },
          { op: "memory.grow" },
          { op: "drop" },
        ];
      default:
        return [];
    }
  }

  private signatureAt(index: number): Signature {
    return this.signatures[index - hostFunctions.length] ?? (hostFunctions[index] as Signature);
  }

  private call(depth: number): Instruction[] {
    const callee = this.below(hostFunctions.length + this.signatures.length);
    const { params, results } = this.signatureAt(callee);
    const given = this.values(params, depth + 1);
    if (results === this.own.results && this.below(4) === 3) {
      return [...given, { op: "return_call", callee }, ...this.dead()];
    }
    return [...given, { op: "call", callee }, ...this.consume(results)];
  }

  private callIndirect(depth: number): Instruction[] {
    const entry = this.below(this.table.length);
    const type = this.signatureAt(this.table[entry] as number);
    const given = this.values(type.params, depth + 1);
    const index: Instruction[] =
      this.below(8) === 7 ? this.value(depth + 1) : [{ op: "const", value: entry }];
    const tail = type.results === this.own.results && this.below(4) === 3;
    if (tail) return [...given, ...index, { op: "return_call_indirect", type }, ...this.dead()];
    return [...given, ...index, { op: "call_indirect", type }, ...this.consume(type.results)];
  }

  private bulk(): Instruction[] {
    const places: Instruction[] = [
      { op: "const", value: this.below(64) },
      { op: "const", value: this.below(64) },
    ];
    switch (this.below(4)) {
      case 0:
        return [...places, { op: "const", value: this.below(200) }, { op: "memory.fill" }];
      case 1:
        return [...places, { op: "const", value: this.below(200) }, { op: "memory.copy" }];
      case 2:
        return [{ op: "const", value: this.below(2) }, { op: "memory.grow" }, ...this.consume(1)];
      default:
        return [{ op: "memory.size" }, ...this.consume(1)];
    }
  }
}
