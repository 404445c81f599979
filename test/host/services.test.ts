import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { HostError } from "../../scripting/errors.ts";
import { InputState } from "../../scripting/host/input.ts";
import { keyCodes } from "../../scripting/host/keys.ts";
import { hostPrices } from "../../scripting/host/prices.ts";
import { hostCalls } from "./calls.ts";

describe("time", () => {
  test("is the frame's", () => {
    const { call } = hostCalls();
    expect([call("time.delta"), call("time.elapsed"), call("time.frame")]).toEqual([
      0.25, 100.5, 7,
    ]);
  });
});

describe("input", () => {
  const arrow = keyCodes.get("ArrowLeft") as number;

  test("tells keys that are down from keys that have just gone down", () => {
    const { services, call } = hostCalls();
    services.input.keyDown("ArrowLeft");
    services.input.keyDown("NoSuchKey");
    expect([call("input.down", arrow), call("input.pressed", arrow)]).toEqual([1, 1]);
    services.input.endFrame();
    services.input.keyDown("ArrowLeft");
    expect([call("input.down", arrow), call("input.pressed", arrow)]).toEqual([1, 0]);
    services.input.keyUp("ArrowLeft");
    expect(call("input.down", arrow)).toBe(0);
  });

  test("doesn't miss a key that went down and up within a frame, nor keep one that is let go", () => {
    const input = new InputState();
    input.keyDown("ArrowLeft");
    input.keyUp("ArrowLeft");
    expect([input.isDown(arrow), input.wasPressed(arrow)]).toEqual([false, true]);
    input.keyDown("ArrowLeft");
    input.pointerDown = true;
    input.releaseAll();
    expect([input.isDown(arrow), input.pointerDown]).toEqual([false, false]);
  });

  test("refuses numbers that are no keys", () => {
    const { call } = hostCalls();
    for (const key of [-1, 256, 0x7fff_ffff, -0x8000_0000]) {
      expect(() => call("input.down", key)).toThrow(HostError);
      expect(() => call("input.pressed", key)).toThrow(`Input.pressed: ${key} is not a key`);
    }
  });

  test("has the pointer in the game's units", () => {
    const { services, call } = hostCalls();
    Object.assign(services.input, { pointerX: 3.5, pointerY: -2, pointerDown: true });
    expect([call("input.pointerX"), call("input.pointerY"), call("input.pointerDown")]).toEqual([
      3.5, -2, 1,
    ]);
  });

  test("has the same keys in the sdk and on the host", () => {
    const source = readFileSync(new URL("../../scripts/sdk/input.ts", import.meta.url), "utf8");
    const found = [...source.matchAll(/^ {2}(\w+) = (0x[0-9a-f]{2}),$/gm)];
    expect(new Map(found.map(([, name, code]) => [name, Number(code)]))).toEqual(keyCodes);
    expect(new Set(keyCodes.values()).size).toBe(keyCodes.size);
  });
});

describe("the log", () => {
  test("takes so many lines of each script a frame, and counts the others", () => {
    const { services, call, lines, texts } = hostCalls();
    texts.set(16, "hello");
    for (let n = 0; n < 5; n++) call("log.info", 16);
    call("log.warn", 16);
    expect(lines).toEqual(
      [1, 2, 3].map(() => ({ script: "test", entity: 5, level: "info", text: "hello" })),
    );
    expect(services.log.droppedOf("test")).toBe(3);
    services.log.beginFrame();
    call("log.warn", 16);
    expect(lines.at(-1)).toMatchObject({ level: "warn" });
    expect(services.log.droppedOf("other")).toBe(0);
  });
});

describe("prices", () => {
  test("are whole numbers with a reason each", () => {
    for (const { fuel, reason } of Object.values(hostPrices)) {
      expect(Number.isInteger(fuel) && fuel > 0).toBe(true);
      expect(reason).not.toBe("");
    }
  });
});
