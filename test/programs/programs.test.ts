import { describe, expect, it } from "vitest";
import { binaryen } from "./binaryen.ts";
import { programs } from "./index.ts";
import { MeteredEngine } from "./metered-engine.ts";

// Programs that somebody else wrote and compiled, with all that their compilers make of their
// languages, and with the loaders that came with them.
describe.each(programs)("$name ($language)", ({ start }) => {
  it("brings forth metered what it brings forth raw, and stops when its fuel is used up", async () => {
    const raw = await start();
    const engine = new MeteredEngine();
    const metered = await engine.start(start);
    expect(engine.modules.length).toBeGreaterThan(0);

    const expected = raw();
    const atStart = engine.fuel;
    expect(metered()).toEqual(expected);
    const burnt = engine.fuel - atStart;
    expect(burnt).toBeGreaterThan(100_000);
    // Once more, with what the first run left behind in its memory.
    expect(metered()).toEqual(expected);

    engine.left = Math.floor(burnt / 2);
    expect(metered).toThrow("out-of-fuel");
    expect(engine.left).toBe(0);
    expect(metered).toThrow("out-of-fuel");
  });
});

// Not Binaryen, which takes seconds to start: this starts each of them three times.
const quick = programs.filter((program) => program !== binaryen);

describe.each(quick)("$name ($language)", ({ start }) => {
  it("costs the same again, to the unit of fuel", async () => {
    const first = new MeteredEngine();
    const once = await first.start(start);
    const atStart = first.fuel;
    const expected = once();
    const cost = first.fuel - atStart;

    const enough = new MeteredEngine();
    const again = await enough.start(start);
    enough.left = cost;
    expect(again()).toEqual(expected);
    expect(enough.left).toBe(0);

    const tooLittle = new MeteredEngine();
    const stopped = await tooLittle.start(start);
    tooLittle.left = cost - 1;
    expect(stopped).toThrow("out-of-fuel");
  });
});
