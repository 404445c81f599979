import { type Atom, type List, readSExprs, type SExpr, type Text } from "./sexpr.ts";
import {
  type Constant,
  type Expected,
  InexpressibleError,
  parseConstant,
  parseExpected,
} from "./value.ts";

/** A module as a script has it. */
export interface ModuleSource {
  readonly name: string | undefined;
  /** `text` stands in the script, `quote` in strings, and only as text is it valid or not. */
  readonly form: "text" | "quote" | "binary";
  /** The text's bytes, or the binary. */
  readonly bytes: Uint8Array;
}

export interface Action {
  readonly kind: "invoke" | "get";
  /** Of the instance; the last one when it has none. */
  readonly module: string | undefined;
  readonly field: string;
  readonly args: readonly Constant[];
}

/** What a command does; `message` is the reason that the script gives for what must fail. */
export type CommandBody =
  | { readonly kind: "module"; readonly module: ModuleSource }
  /** A module that isn't instantiated yet. */
  | { readonly kind: "definition"; readonly module: ModuleSource }
  | {
      readonly kind: "instance";
      readonly name: string | undefined;
      readonly definition: string | undefined;
    }
  | { readonly kind: "register"; readonly as: string; readonly name: string | undefined }
  | { readonly kind: "action"; readonly action: Action }
  | {
      readonly kind: "assert_return";
      readonly action: Action;
      readonly expected: readonly Expected[];
    }
  | {
      readonly kind: "assert_trap" | "assert_exhaustion" | "assert_exception";
      readonly action: Action;
      readonly message: string;
    }
  | {
      readonly kind:
        | "assert_module_trap"
        | "assert_unlinkable"
        | "assert_invalid"
        | "assert_malformed";
      readonly module: ModuleSource;
      readonly message: string;
    }
  /** A command that the runner can't run, and why. */
  | { readonly kind: "inexpressible"; readonly head: string; readonly reason: string };

/** A command with its place in the script: byte offsets, and the line from 1. */
export type Command = CommandBody & {
  readonly start: number;
  readonly end: number;
  readonly line: number;
};

const commandHeads = new Set([
  "module",
  "register",
  "invoke",
  "get",
  "assert_return",
  "assert_trap",
  "assert_exhaustion",
  "assert_exception",
  "assert_invalid",
  "assert_malformed",
  "assert_unlinkable",
]);
const otherHeads = new Set(["thread", "wait", "script", "input", "output"]);

/** Reads a script. One that has a module's fields only is that module. */
export function parseWast(source: Uint8Array): Command[] {
  const items = readSExprs(source);
  const first = items[0];
  const lines = new Lines(source);
  const isScript =
    first === undefined ||
    (first.kind === "list" && isCommandHead((first.items[0] as Atom | undefined)?.text ?? ""));
  if (!isScript) {
    const module: ModuleSource = { name: undefined, form: "text", bytes: source };
    return [{ kind: "module", module, start: 0, end: source.length, line: 1 }];
  }
  return items.map((item) => ({
    ...command(item, source),
    start: item.start,
    end: item.end,
    line: lines.at(item.start),
  }));
}

function isCommandHead(head: string): boolean {
  return commandHeads.has(head) || otherHeads.has(head) || head.startsWith("assert_");
}

/** Lines by offset, for offsets that go up. */
class Lines {
  private line = 1;
  private offset = 0;

  constructor(private readonly source: Uint8Array) {}

  at(offset: number): number {
    for (; this.offset < offset; this.offset++) {
      if (this.source[this.offset] === 10) this.line++;
    }
    return this.line;
  }
}

function command(item: SExpr, source: Uint8Array): CommandBody {
  const list = listOf(item);
  const head = atomOf(list.items[0]);
  try {
    return commandOf(head, list, source);
  } catch (error) {
    if (!(error instanceof InexpressibleError)) throw error;
    return { kind: "inexpressible", head, reason: error.message };
  }
}

function commandOf(head: string, list: List, source: Uint8Array): CommandBody {
  const [, first, second] = list.items;
  switch (head) {
    case "module":
      return moduleCommand(list, source);
    case "register":
      return { kind: "register", as: nameOf(first), name: optionalName(second) };
    case "invoke":
    case "get":
      return { kind: "action", action: action(list) };
    case "assert_return": {
      const expected = list.items.slice(2).map(parseExpected);
      return { kind: head, action: action(listOf(first)), expected };
    }
    case "assert_exception":
      return { kind: head, action: action(listOf(first)), message: "" };
    case "assert_trap":
    case "assert_exhaustion": {
      const tried = listOf(first);
      const message = nameOf(second);
      if (atomOf(tried.items[0]) !== "module")
        return { kind: head, action: action(tried), message };
      return { kind: "assert_module_trap", module: moduleOf(tried, source), message };
    }
    case "assert_unlinkable":
    case "assert_invalid":
    case "assert_malformed":
      return { kind: head, module: moduleOf(listOf(first), source), message: nameOf(second) };
    default:
      throw new InexpressibleError(`command ${head}`);
  }
}

function moduleCommand(list: List, source: Uint8Array): CommandBody {
  const [, first, ...rest] = list.items;
  const form = first?.kind === "atom" ? first.text : "";
  if (form === "instance") {
    const names = rest.map(atomOf);
    return { kind: "instance", name: names[0], definition: names[1] };
  }
  const kind = form === "definition" ? "definition" : "module";
  return { kind, module: moduleOf(list, source) };
}

/** `(module definition? $name? quote|binary strings…)`, or its fields. */
function moduleOf(list: List, source: Uint8Array): ModuleSource {
  let at = 1;
  const atom = (): string => {
    const item = list.items[at];
    return item?.kind === "atom" ? item.text : "";
  };
  const definition = atom() === "definition" ? list.items[at++] : undefined;
  const name = atom().startsWith("$") ? atom() : undefined;
  if (name !== undefined) at++;
  const form = atom();
  if (form === "quote" || form === "binary") {
    const parts = list.items.slice(at + 1).map((item) => stringOf(item).bytes);
    return { name, form, bytes: new Uint8Array(Buffer.concat(parts)) };
  }
  const text = source.slice(list.start, list.end);
  if (definition !== undefined) {
    // Assemblers want a plain module.
    text.fill(32, definition.start - list.start, definition.end - list.start);
  }
  return { name, form: "text", bytes: text };
}

function action(list: List): Action {
  const kind = atomOf(list.items[0]);
  if (kind !== "invoke" && kind !== "get") {
    throw new InexpressibleError(`action ${kind}`);
  }
  const module = optionalName(list.items[1]);
  const at = module === undefined ? 1 : 2;
  const args = list.items.slice(at + 1).map(parseConstant);
  return { kind, module, field: nameOf(list.items[at]), args };
}

function listOf(item: SExpr | undefined): List {
  if (item?.kind !== "list") throw new InexpressibleError("no list where one belongs");
  return item;
}

function stringOf(item: SExpr | undefined): Text {
  if (item?.kind !== "string") throw new InexpressibleError("no string where one belongs");
  return item;
}

function atomOf(item: SExpr | undefined): string {
  return item?.kind === "atom" ? item.text : "";
}

function optionalName(item: SExpr | undefined): string | undefined {
  return item?.kind === "atom" && item.text.startsWith("$") ? item.text : undefined;
}

/** Names are UTF-8; the BOM is part of one. */
function nameOf(item: SExpr | undefined): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(stringOf(item).bytes);
}
