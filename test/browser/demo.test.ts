import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DemoStats } from "../../demo/hook.ts";
import { DemoSite, framesLater } from "./demo-site.ts";

/** Frames are few where everything is drawn by a processor that has other things to do. */
const patience = { timeout: 90_000 };

let site: DemoSite;
let page: Page;

beforeAll(async () => {
  site = await DemoSite.open();
});

afterAll(() => site?.close());

beforeEach(async () => {
  site.complaints.length = 0;
  page = await site.page();
});

afterEach(async () => {
  await page.close();
  expect(site.complaints).toEqual([]);
});

function stats(): Promise<DemoStats> {
  return page.evaluate(() => window.fusewireDemo?.stats() as DemoStats);
}

/** The picture as it was just drawn, small: how much of it is lit, and its pixels. */
function picture(): Promise<{ lit: number; pixels: string }> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        // Behind the game's own callback, while what it drew is still there to be read.
        requestAnimationFrame(() => {
          const small = document.createElement("canvas");
          small.width = 160;
          small.height = 120;
          const context = small.getContext("2d") as CanvasRenderingContext2D;
          const canvas = document.getElementById("canvas") as HTMLCanvasElement;
          context.drawImage(canvas, 0, 0, small.width, small.height);
          const { data } = context.getImageData(0, 0, small.width, small.height);
          let lit = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (Math.max(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) > 60) lit++;
          }
          resolve({ lit, pixels: data.join() });
        });
      }),
  );
}

test("the page draws a game that moves, with more than a thousand scripted entities", async () => {
  const first = await picture();
  const digest = await page.evaluate(() => window.fusewireDemo?.digest());
  await framesLater(page, 20);
  const second = await picture();
  expect(first.lit).toBeGreaterThan(50);
  expect(second.pixels).not.toBe(first.pixels);
  expect(await page.evaluate(() => window.fusewireDemo?.digest())).not.toBe(digest);

  const { scripts, scripted, faults } = await stats();
  expect(scripts.map(({ name }) => name)).toEqual([
    "spawner",
    "turret",
    "enemy",
    "boss",
    "bullet",
    "particle",
    "mote",
  ]);
  expect(scripted).toBeGreaterThan(1_000);
  expect(faults).toBe(0);
});

test("it plays itself until somebody takes over with the keyboard or the pointer", async () => {
  const mode = page.locator("#mode");
  await page.waitForFunction(() => (window.fusewireDemo?.stats().score ?? 0) > 0);
  expect(await mode.textContent()).toBe("playing itself");
  await page.locator("#canvas").focus();
  await page.keyboard.down("ArrowLeft");
  await expect.poll(() => mode.textContent(), patience).toBe("you're playing");
  await page.keyboard.up("ArrowLeft");
  await expect.poll(() => mode.textContent(), patience).toBe("playing itself");
  await page.mouse.move(300, 300);
  await page.mouse.down();
  await expect.poll(() => mode.textContent(), patience).toBe("you're playing");
});

describe("a gremlin", () => {
  const kinds: Readonly<Record<string, string>> = {
    "endless-loop": "out-of-fuel",
    "endless-recursion": "stack-overflow",
    "memory-hog": "memory-limit",
    "host-call-flood": "host-call-limit",
    trap: "trap",
    abort: "abort",
    "giant-fill": "out-of-fuel",
    "start-loop": "out-of-fuel",
  };

  test("waits behind each of eight buttons, which the keyboard works as well", async () => {
    const buttons = page.locator("button[data-mischief]");
    const names = await buttons.evaluateAll((all) =>
      all.map((button) => (button as HTMLElement).dataset["mischief"]),
    );
    expect(names.sort()).toEqual(Object.keys(kinds).sort());
    await buttons.first().focus();
    await page.keyboard.press("Enter");
    await page.locator("#faults .fault").first().waitFor();
  });

  test.each(Object.entries(kinds))(
    "%s blows its fuse by %s, and the game goes on",
    async (name, kind) => {
      await page.click(`button[data-mischief="${name}"]`);
      const fault = page.locator(`#faults [data-script="${name}"][data-kind="${kind}"]`).first();
      await fault.waitFor();
      const where = (await fault.locator(".where").textContent()) ?? "";
      const [file, line] = where.split(":");
      expect(where).toMatch(/^scripts\/mischief\/[a-z-]+\.ts:\d+:\d+$/);
      expect(file).toBe(`scripts/mischief/${name}.ts`);
      const source = site.read(`scripts/mischief/${name}.ts`).split("\n")[Number(line) - 1];
      expect(await fault.locator("code").textContent()).toBe(source?.trim());
      await expect
        .poll(() => fault.locator(".times").textContent(), patience)
        .toMatch(name === "start-loop" ? /never started/ : /fuse blown/);

      await framesLater(page, 30);
      const { scripts } = await stats();
      for (const script of scripts.slice(0, 7)) {
        expect(script).toMatchObject({ state: "running", faults: 0 });
      }
      expect(scripts.find((script) => script.name === name)?.state).not.toBe("running");
    },
  );
});

describe("a script that is edited", () => {
  const file = "scripts/mote.ts";
  const motes = () => page.evaluate(() => window.fusewireDemo?.motes(40) as number[]);
  let restore: () => void = () => {};

  beforeEach(async () => {
    await page.evaluate(() => document.body.setAttribute("data-same-page", ""));
  });

  afterEach(async () => {
    restore();
    expect(await page.locator("body[data-same-page]").count()).toBe(1);
  });

  test("runs in its new version, on the same page and with positions kept", async () => {
    await framesLater(page, 60);
    const before = await motes();
    restore = site.edit(file, "CURRENT: f32 = 26", "CURRENT: f32 = 0");
    // Without a current the dust stands still.
    await expect
      .poll(async () => {
        const first = await motes();
        await framesLater(page, 5);
        return String(await motes()) === String(first);
      }, patience)
      .toBe(true);
    const after = await motes();
    const moved = before.map((place, i) => Math.abs(place - (after[i] ?? Number.NaN)));
    const near = moved.filter((distance) => distance < 120).length;
    expect(near).toBeGreaterThan(moved.length * 0.8);
    await page.locator(".toast", { hasText: "mote reloaded" }).waitFor({ state: "attached" });
    expect((await stats()).scripts.find(({ name }) => name === "mote")).toMatchObject({
      state: "running",
      reloads: 1,
    });
  });

  test("shows its errors where they are, and is well again when they are mended", async () => {
    restore = site.edit(file, "Mote.depth[self]", "Mote.dept[self]");
    const lines = site.read(file).split("\n");
    const line = lines.findIndex((text) => text.includes("Mote.dept[")) + 1;
    const box = page.locator("#compile-errors");
    await box.waitFor();
    const text = await box.innerText();
    expect(text).toMatch(new RegExp(`scripts/mote\\.ts:${line}:\\d+ - error`));
    expect(text).toContain(lines[line - 1]?.trim());
    expect(text).toContain("^^^");

    const before = await motes();
    await framesLater(page, 10);
    expect(String(await motes())).not.toBe(String(before));

    restore();
    await box.waitFor({ state: "hidden" });
  });
});
