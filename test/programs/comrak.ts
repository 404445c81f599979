import { readFileSync } from "node:fs";
import type * as comrakApi from "comrak";
import { fileOf, freshRequire } from "./fresh.ts";
import type { Program } from "./program.ts";

/** Renders a long page of Markdown as HTML and as XML, and writes it as Markdown again. */
export const comrak: Program = {
  name: "comrak",
  language: "Rust",
  compiler: "rustc, wasm-bindgen",
  async start() {
    const api = freshRequire<typeof comrakApi>("comrak");
    const page = readFileSync(fileOf("comrak/package.json").replace("package.json", "README.md"));
    const markdown = page.toString("utf8");
    const options = { extension: { table: true, footnotes: true, strikethrough: true } };
    return () => [
      api.markdownToHTML(markdown, options),
      api.markdownToXML(markdown, options),
      api.markdownToCommonMark(markdown, options),
    ];
  },
};
