import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A game of a few files in a temporary folder: `page/` is Vite's root, `scripts/` lies beside it. */
export class TempProject {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "fusewire-vite-")));
  readonly page = join(this.root, "page");

  constructor(files: Readonly<Record<string, string>>) {
    this.write("package.json", `{ "type": "module" }`);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    const absolute = join(this.root, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path));
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A page that runs `patrol`'s `f` at first and after every update, and keeps what it saw in `window.seen`. */
export const pageFiles = {
  "page/index.html": `<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.ts"></script>`,
  "page/main.ts": `
    import patrol from "../scripts/patrol.ts?script";
    import text from "../scripts/patrol.ts?raw";
    const run = async ({ name, file, bytes, sourceMap }) => {
      const { instance } = await WebAssembly.instantiate(bytes);
      return [name, file, instance.exports.f(), sourceMap.sources.includes(file)].join(" ");
    };
    const say = (error) => error.diagnostics.map((d) => d.file + ":" + d.line + " " + d.message).join();
    window.text = text;
    window.seen = [];
    let last = patrol.load().then(run).catch((error) => error.name + " " + say(error));
    last.then((value) => window.seen.push(value));
    patrol.onUpdate((update) => {
      last = last.then(() => (update.ok ? update.load().then(run) : say(update)));
      last.then((value) => window.seen.push(value));
    });`,
};
