const utf8 = new TextEncoder();

/** A growing byte array with the format's primitive encodings, always in their shortest form. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;

  constructor(capacityBytes = 1024) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** An opcode, or any byte, and an unsigned integer behind it. */
  pair(byte: number, value: number): void {
    this.reserve(6);
    const { bytes, length } = this;
    bytes[length] = byte;
    this.length = length + 1;
    if (value >>> 0 < 0x80) {
      bytes[length + 1] = value;
      this.length = length + 2;
    } else this.u32(value);
  }

  u32(value: number): void {
    this.reserve(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  s32(value: number): void {
    this.reserve(5);
    if (value >= -64 && value < 64) {
      this.bytes[this.length++] = value & 0x7f;
      return;
    }
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.bytes[this.length++] = low;
        return;
      }
      this.bytes[this.length++] = low | 0x80;
    }
  }

  /** Copies `source[from, to)`. */
  copy(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    if (count <= 0) return;
    this.reserve(count);
    if (count < 24) {
      // A short loop beats the call overhead of `set` for the spans between two edits.
      const target = this.bytes;
      let at = this.length;
      for (let i = from; i < to; i++) target[at++] = source[i] as number;
      this.length = at;
      return;
    }
    this.bytes.set(source.subarray(from, to), this.length);
    this.length += count;
  }

  append(other: ByteWriter): void {
    this.copy(other.bytes, 0, other.length);
  }

  name(text: string): void {
    const start = this.length;
    this.u32(text.length);
    this.reserve(text.length);
    const { bytes } = this;
    // Nearly all names are short and ASCII: an encoder takes seven times as long to be called.
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.length = start;
        this.encodedName(text);
        return;
      }
      bytes[this.length++] = unit;
    }
  }

  private encodedName(text: string): void {
    const encoded = utf8.encode(text);
    this.u32(encoded.length);
    this.copy(encoded, 0, encoded.length);
  }

  /** Writes one section: its id, its size, its content, or `[from, to)` of that. */
  section(id: number, content: ByteWriter, from = 0, to = content.length): void {
    this.byte(id);
    this.u32(to - from);
    this.copy(content.bytes, from, to);
  }

  /** The written bytes; valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
