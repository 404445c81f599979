import { SectionId, type WasmModule } from "../wasm/module.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import type { WindowReservation } from "./window-layout.ts";

/**
 * Custom section by which a module says that it leaves some of its first memory to the host: address
 * and length in bytes, as unsigned LEBs. What is compiled here has it; other compilers' modules may.
 */
const reservationSection = "fusewire.window";

/** Addresses up to here stay free, so that a null pointer with an offset hits nothing. */
const firstAddress = 1_024;
/** Room for rows, see `window-layout.ts`, for messages and for columns of others; with a stack, all of the first page. */
const reservedBytes = 24_576;

/** Where a module compiled here may put its first data. */
export const memoryBaseBytes = firstAddress + reservedBytes;

/** A compiled module with the section behind everything else. */
export function withReservation(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const content = new ByteWriter(64);
  content.name(reservationSection);
  content.u32(firstAddress);
  content.u32(reservedBytes);
  const out = new ByteWriter(bytes.length + 64);
  out.copy(bytes, 0, bytes.length);
  out.section(SectionId.custom, content);
  return out.bytes.slice(0, out.length);
}

/** What a module reserves; undefined when it says nothing, or nothing that makes sense. */
export function readReservation(module: WasmModule): WindowReservation | undefined {
  const section = module.sections.find(
    (s) => s.id === SectionId.custom && s.name === reservationSection,
  );
  const memory = module.memories[0];
  if (section === undefined || memory === undefined) return undefined;
  try {
    const reader = new ByteReader(module.bytes, section.dataStart, section.end);
    const address = reader.u32();
    const bytes = reader.u32();
    const fits = address % 8 === 0 && address + bytes <= memory.min * 65_536;
    return fits ? { address, bytes } : undefined;
  } catch {
    return undefined;
  }
}
