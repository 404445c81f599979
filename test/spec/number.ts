/** The parts of a binary floating-point format. */
interface FloatFormat {
  /** Bits of the significand that are stored. */
  readonly mantissaBits: number;
  readonly exponentBits: number;
}

export const float32: FloatFormat = { mantissaBits: 23, exponentBits: 8 };
export const float64: FloatFormat = { mantissaBits: 52, exponentBits: 11 };

/** An integer's bits; negative ones as two's complement. */
export function integerBits(text: string, width: number): bigint {
  const [, sign, digits] = /^([+-]?)(.+)$/.exec(text.replaceAll("_", "")) ?? [];
  if (digits === undefined || !/^(0x[0-9a-f]+|[0-9]+)$/i.test(digits)) {
    throw new SyntaxError(`"${text}" is no integer`);
  }
  const value = BigInt(digits);
  return BigInt.asUintN(width, sign === "-" ? -value : value);
}

/** A float's bits, rounded to nearest, ties to even, from the exact value of the text. */
export function floatBits(text: string, format: FloatFormat): bigint {
  const { mantissaBits, exponentBits } = format;
  const [, signText, plain = ""] = /^([+-]?)(.+)$/.exec(text.replaceAll("_", "")) ?? [];
  const sign = (signText === "-" ? 1n : 0n) << BigInt(mantissaBits + exponentBits);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(mantissaBits);
  if (plain === "inf") return sign | infinity;
  if (plain === "nan") return sign | infinity | (1n << BigInt(mantissaBits - 1));
  if (plain.startsWith("nan:0x")) return sign | infinity | BigInt(plain.slice("nan:".length));
  const { numerator, denominator } = fraction(plain);
  return sign | rounded(numerator, denominator, format, infinity);
}

/** The exact value of a decimal or hexadecimal float without a sign. */
function fraction(text: string): { numerator: bigint; denominator: bigint } {
  const hex = /^0x([0-9a-f]+)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i.exec(text);
  const match = hex ?? /^(\d+)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) throw new SyntaxError(`"${text}" is no float`);
  const [, whole = "", behindPoint = "", exponent = "0"] = match;
  const digits = BigInt((hex === null ? "" : "0x") + whole + behindPoint);
  const power = Number(exponent) - (hex === null ? 1 : 4) * behindPoint.length;
  const scale = (hex === null ? 10n : 2n) ** BigInt(Math.abs(power));
  return power < 0
    ? { numerator: digits, denominator: scale }
    : { numerator: digits * scale, denominator: 1n };
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function rounded(num: bigint, den: bigint, format: FloatFormat, infinity: bigint): bigint {
  if (num === 0n) return 0n;
  const { mantissaBits, exponentBits } = format;
  const bias = 2 ** (exponentBits - 1) - 1;
  // The last stored bit counts 2^unit; subnormal numbers all have the least one.
  const least = 1 - bias - mantissaBits;
  let unit = Math.max(least, bitLength(num) - bitLength(den) - mantissaBits - 1);
  const quotient = (at: number): [bigint, bigint, bigint] => {
    const n = at < 0 ? num << BigInt(-at) : num;
    const d = at > 0 ? den << BigInt(at) : den;
    return [n / d, n % d, d];
  };
  let [mantissa, rest, divisor] = quotient(unit);
  while (bitLength(mantissa) > mantissaBits + 1) {
    unit++;
    [mantissa, rest, divisor] = quotient(unit);
  }
  const up = rest * 2n > divisor || (rest * 2n === divisor && (mantissa & 1n) === 1n);
  // The leading bit, which isn't stored, and a carry out of the significand add up to the exponent.
  const biased = (BigInt(unit - least) << BigInt(mantissaBits)) + mantissa + (up ? 1n : 0n);
  return biased > infinity ? infinity : biased;
}
