const utf8 = new TextDecoder();

/** What a module's `producers` section says processed it: each tool with its version. */
export function producersOf(bytes: Uint8Array): string[] {
  const module = new WebAssembly.Module(bytes as BufferSource);
  return WebAssembly.Module.customSections(module, "producers").flatMap((section) => {
    const reader = new Reader(new Uint8Array(section));
    return reader
      .list(() => ({ name: reader.text(), tools: reader.list(() => reader.tool()) }))
      .filter((field) => field.name === "processed-by")
      .flatMap((field) => field.tools);
  });
}

class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.u32() }, item);
  }

  text(): string {
    const length = this.u32();
    this.at += length;
    return utf8.decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** A tool and its version, without the commit that some add to it. */
  tool(): string {
    const name = this.text();
    return `${name} ${this.text().replace(/ .*/, "")}`;
  }

  private u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error("the producers section ends too early");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}
