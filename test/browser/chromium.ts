import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Runs without a sandbox (containers run as root), without the network, and with WebGL in software. */
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/**
 * A headless Chromium, with further flags if wanted. The caller closes it.
 * @throws with one line that says how to get one, when there is none.
 */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const args = [...FLAGS, ...flags];
  return chromium.launch({ executablePath: chromiumPath(), headless: true, args });
}

let found: string | undefined;

/** The path of a Chromium: `CHROMIUM_PATH`, else the system's, else Playwright's, else one that is installed now. */
export function chromiumPath(): string {
  found ??= fromEnvironment() ?? fromSystem() ?? fromPlaywright() ?? installed();
  if (!found) {
    throw new Error(
      "No Chromium found: set CHROMIUM_PATH to one, or run `npx playwright-core install chromium`.",
    );
  }
  return found;
}

function fromEnvironment(): string | undefined {
  const path = process.env["CHROMIUM_PATH"];
  if (path && !isExecutable(path)) throw new Error(`CHROMIUM_PATH is not a program: ${path}`);
  return path || undefined;
}

function fromSystem(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const apps = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return [...paths, ...apps].find(isExecutable);
}

function fromPlaywright(): string | undefined {
  const own = chromium.executablePath();
  if (own && isExecutable(own)) return own;
  // Any version will do, not just the one that this playwright-core was made with.
  const cache =
    process.env["PLAYWRIGHT_BROWSERS_PATH"] ?? join(homedir(), ".cache", "ms-playwright");
  if (!existsSync(cache)) return undefined;
  return readdirSync(cache)
    .filter((name) => name.startsWith("chromium"))
    .sort()
    .reverse()
    .flatMap((name) => [
      join(cache, name, "chrome-linux", "chrome"),
      join(cache, name, "chrome-linux64", "chrome"),
      join(cache, name, "chrome-linux", "headless_shell"),
    ])
    .find(isExecutable);
}

/** Debian as root, which is what a bare CI container is. */
function installed(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return undefined;
  try {
    const options = {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    } as const;
    execFileSync("apt-get", ["update"], options);
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], options);
  } catch {
    return undefined;
  }
  return fromSystem();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
