import { MarkReader } from "../../wasm/core/marks.as";
import { ByteWriter } from "../../wasm/core/writer.as";

/** The metered module's bodies, sizes included. */
export const out: ByteWriter = changetype<ByteWriter>(memory.data(offsetof<ByteWriter>()));

/** Goes through the marks of the body that is being written. */
export const marks: MarkReader = changetype<MarkReader>(memory.data(offsetof<MarkReader>()));
