/** A piece of a script. `start` and `end` are byte offsets, `end` just behind it. */
export type SExpr = Atom | Text | List;

/** A keyword, number or `$name`; a quoted name is decoded. */
export interface Atom {
  readonly kind: "atom";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A string, as the bytes that it stands for: they need not be UTF-8. */
export interface Text {
  readonly kind: "string";
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly SExpr[];
  readonly start: number;
  readonly end: number;
}

/** A script that isn't one. */
export class WastSyntaxError extends Error {
  override readonly name = "WastSyntaxError";

  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(`${message}, at byte ${offset}`);
  }
}

/** Reads everything in a script. Comments and annotations are left out. */
export function readSExprs(source: Uint8Array): SExpr[] {
  return new Reader(source).all();
}

const escapes: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  r: 13,
  '"': 34,
  "'": 39,
  "\\": 92,
};
const delimiters = new Set(' \t\r\n()";');

class Reader {
  /** One character for each byte, so that offsets are the source's and nothing is lost. */
  private readonly text: string;
  private at = 0;

  constructor(source: Uint8Array) {
    this.text = Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString("latin1");
  }

  all(): SExpr[] {
    const items = this.items();
    if (this.at < this.text.length) this.fail("a parenthesis too many");
    return items;
  }

  private fail(message: string, offset = this.at): never {
    throw new WastSyntaxError(offset, message);
  }

  /** Up to a closing parenthesis or the end. */
  private items(): SExpr[] {
    const items: SExpr[] = [];
    for (;;) {
      this.skipBlank();
      const c = this.text[this.at];
      if (c === undefined || c === ")") return items;
      if (c === "(") {
        const list = this.list();
        const head = list.items[0];
        if (!(head?.kind === "atom" && head.text.startsWith("@"))) items.push(list);
      } else if (c === '"') items.push(this.string());
      else items.push(this.atom());
    }
  }

  private list(): List {
    const start = this.at++;
    const items = this.items();
    if (this.text[this.at] !== ")") this.fail("a list without an end", start);
    this.at++;
    return { kind: "list", items, start, end: this.at };
  }

  private atom(): Atom {
    const start = this.at;
    while (this.at < this.text.length && !delimiters.has(this.text[this.at] as string)) this.at++;
    // Annotations may hold a lone semicolon.
    if (this.at === start) this.at++;
    let text = this.text.slice(start, this.at);
    if (text === "$" && this.text[this.at] === '"') {
      text += new TextDecoder().decode(this.string().bytes);
    }
    return { kind: "atom", text, start, end: this.at };
  }

  private string(): Text {
    const { text } = this;
    const start = this.at++;
    const bytes: number[] = [];
    for (;;) {
      const c = text[this.at++];
      if (c === undefined) this.fail("a string without an end", start);
      if (c === '"') break;
      if (c !== "\\") {
        bytes.push(c.charCodeAt(0));
        continue;
      }
      const escaped = text[this.at++] ?? "";
      const simple = escapes[escaped];
      if (simple !== undefined) bytes.push(simple);
      else if (escaped === "u") {
        const close = text.indexOf("}", this.at);
        const digits = text.slice(this.at + 1, close).replaceAll("_", "");
        if (!/^[0-9a-f]+$/i.test(digits)) this.fail("an escape that is none");
        const character = String.fromCodePoint(Number.parseInt(digits, 16));
        bytes.push(...new TextEncoder().encode(character));
        this.at = close + 1;
      } else {
        const hex = text.slice(this.at - 1, ++this.at);
        if (!/^[0-9a-f]{2}$/i.test(hex)) this.fail("an escape that is none");
        bytes.push(Number.parseInt(hex, 16));
      }
    }
    return { kind: "string", bytes: Uint8Array.from(bytes), start, end: this.at };
  }

  private skipBlank(): void {
    const { text } = this;
    for (;;) {
      const c = text[this.at];
      if (c === " " || c === "\t" || c === "\r" || c === "\n") this.at++;
      else if (c === ";" && text[this.at + 1] === ";") {
        while (this.at < text.length && text[this.at] !== "\n" && text[this.at] !== "\r") this.at++;
      } else if (c === "(" && text[this.at + 1] === ";") this.skipBlockComment();
      else return;
    }
  }

  private skipBlockComment(): void {
    const start = this.at;
    let depth = 0;
    do {
      const two = this.text.slice(this.at, this.at + 2);
      if (two === "(;") depth++;
      else if (two === ";)") depth--;
      else if (two === "") this.fail("a comment without an end", start);
      this.at += two === "(;" || two === ";)" ? 2 : 1;
    } while (depth > 0);
  }
}
