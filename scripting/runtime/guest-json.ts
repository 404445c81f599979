import { HostError } from "../errors.ts";
import { isStackExhaustion } from "./guest-stop.ts";

/** What would become an object's prototype once the object is copied by hand. */
const prototypeKey = "__proto__";

/**
 * A value out of JSON that a guest has written.
 * @throws HostError for what is no JSON, or has a key that no host expects. Neither repeats the text.
 */
export function parseGuestJson(text: string): unknown {
  try {
    return JSON.parse(text, refusePrototype);
  } catch (thrown) {
    if (thrown instanceof HostError) throw thrown;
    if (isStackExhaustion(thrown)) {
      throw new HostError(`returned ${text.length} characters of JSON that nests too deep`);
    }
    throw new HostError(`returned ${text.length} characters that are no JSON`);
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key !== prototypeKey) return value;
  throw new HostError(`returned JSON with a key named ${prototypeKey}`);
}
