import { type Diagnostic, formatDiagnostic } from "../../scripting/compile/diagnostics.ts";
import { byId, element } from "../dom.ts";

/** Errors shown for one script; the others mostly follow from them. */
const most = 3;

/** What is wrong with scripts as they stand on disk, over the game that goes on without them. */
export class CompileErrors {
  readonly #box = byId("compile-errors", HTMLElement);
  readonly #texts = new Map<string, readonly string[]>();

  /** Shows what the compiler says about a script; a later call replaces it. */
  show(file: string, diagnostics: readonly Diagnostic[]): void {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    const more = errors.length - most;
    this.showText(file, [
      ...errors.slice(0, most).map(formatDiagnostic),
      ...(more > 0 ? [`and ${more} more`] : []),
    ]);
  }

  /** Shows anything else that keeps a script from running. */
  showText(file: string, texts: readonly string[]): void {
    this.#texts.set(file, texts);
    this.#draw();
  }

  /** The script is well again. */
  clear(file: string): void {
    if (this.#texts.delete(file)) this.#draw();
  }

  #draw(): void {
    this.#box.replaceChildren();
    this.#box.hidden = this.#texts.size === 0;
    for (const [file, texts] of this.#texts) {
      this.#box.append(
        element("h2", "", `${file} doesn't compile`),
        element("p", "", "The game goes on with its last good version."),
        ...texts.map((text) => element("pre", "", text)),
      );
    }
  }
}
