import { describe, expect, it } from "vitest";
import { AdmissionError, admit } from "../../scripting/index.ts";
import { refusedModules } from "./refused-modules.ts";

describe("a module that nobody should run is refused at admission:", () => {
  it.each(refusedModules)("$what", ({ bytes, code }) => {
    const module = bytes();
    let refusal: unknown;
    try {
      admit(module);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AdmissionError);
    const { code: found, offset, message } = refusal as AdmissionError;
    expect({ code: found, message }).toMatchObject({ code });
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(module.length);
    expect(message.length).toBeLessThan(400);
  });
});
