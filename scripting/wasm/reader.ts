/** The bytes are not what the format asks for at `offset`. */
export class WasmFormatError extends Error {
  override readonly name = "WasmFormatError";
  readonly offset: number;
  /** Set when the bytes are a construct this reader refuses to know rather than a broken one. */
  readonly reason: "malformed" | "unknown" | "denied" | "limit";

  constructor(offset: number, message: string, reason: WasmFormatError["reason"] = "malformed") {
    super(message);
    this.offset = offset;
    this.reason = reason;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Bytes up to which a name is read without a decoder. */
const maxShortName = 32;

/** A position in a byte array, with the format's primitive encodings. Reads never pass `end`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  fail(message: string, offset = this.offset): never {
    throw new WasmFormatError(offset, message);
  }

  byte(): number {
    if (this.offset >= this.end) this.fail("unexpected end");
    return this.bytes[this.offset++] as number;
  }

  skip(count: number): void {
    if (count > this.end - this.offset) this.fail(`unexpected end: ${count} bytes wanted`);
    this.offset += count;
  }

  /** Unsigned LEB128, 32 bits; padded forms up to 5 bytes are valid. */
  u32(): number {
    const start = this.offset;
    let b = this.byte();
    if (b < 0x80) return b;
    let value = b & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      b = this.byte();
      if (shift === 28 && b > 0x0f) this.fail("u32 too long or too large", start);
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return value >>> 0;
    }
    return this.fail("u32 too long", start);
  }

  /** Signed LEB128, 32 bits. */
  s32(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = this.byte();
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        if (shift === 28) {
          // Only the low 4 bits of the fifth byte are value; the rest must repeat the sign.
          const top = b & 0x78;
          if (top !== 0 && top !== 0x78) this.fail("s32 too large", start);
          return value;
        }
        const unused = 25 - shift;
        return (value << unused) >> unused;
      }
    }
    return this.fail("s32 too long", start);
  }

  /** Signed LEB128, 33 bits, as block types use it. Exact: 33 bits fit a double. */
  s33(): number {
    const start = this.offset;
    let value = 0;
    let scale = 1;
    for (let count = 1; count <= 5; count++) {
      const b = this.byte();
      value += (b & 0x7f) * scale;
      scale *= 128;
      if (b < 0x80) {
        if (count === 5) {
          const top = b & 0x70;
          if (top !== 0 && top !== 0x70) this.fail("s33 too large", start);
        }
        return (b & 0x40) !== 0 ? value - scale : value;
      }
    }
    return this.fail("s33 too long", start);
  }

  /** Passes over a signed LEB128 of up to 64 bits. */
  skipS64(): void {
    const start = this.offset;
    for (let count = 1; count <= 10; count++) {
      const b = this.byte();
      if (b < 0x80) {
        if (count === 10 && b !== 0 && b !== 0x7f) this.fail("s64 too large", start);
        return;
      }
    }
    this.fail("s64 too long", start);
  }

  /** A length-prefixed UTF-8 name. */
  name(): string {
    const length = this.u32();
    const start = this.offset;
    this.skip(length);
    return this.shortAscii(start, length) ?? this.utf8Name(start, length);
  }

  /** A name of few characters, all ASCII, as nearly all are: a decoder takes longer to be called. */
  private shortAscii(start: number, length: number): string | undefined {
    if (length > maxShortName) return undefined;
    let text = "";
    for (let i = start; i < start + length; i++) {
      const byte = this.bytes[i] as number;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private utf8Name(start: number, length: number): string {
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      return this.fail("name is not valid UTF-8", start);
    }
  }
}
