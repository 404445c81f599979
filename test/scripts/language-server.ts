import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { packageRoot } from "./game-folder.ts";

/** What TypeScript's language server says of the files of one folder, as an editor asks it. */
export class LanguageServer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers = new Map<number, (message: Message) => void>();
  #received = Buffer.alloc(0);
  #lastId = 0;

  private constructor() {
    this.#process = spawn(`${packageRoot}node_modules/.bin/tsc`, ["--lsp", "--stdio"]);
    this.#process.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer();
    const hover = { contentFormat: ["plaintext"] };
    await server.#ask("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: { textDocument: { hover } },
    });
    server.#send({ method: "initialized", params: {} });
    return server;
  }

  /** What an editor shows for the first `needle` in a file, at its last character. */
  async hover(file: string, text: string, needle: string): Promise<string> {
    const textDocument = { uri: pathToFileURL(file).href };
    const opened = { ...textDocument, languageId: "typescript", version: 1, text };
    this.#send({ method: "textDocument/didOpen", params: { textDocument: opened } });
    const before = text.slice(0, text.indexOf(needle) + needle.length - 1).split("\n");
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    const { result } = await this.#ask("textDocument/hover", { textDocument, position });
    return (result as { contents: { value: string } } | null)?.contents.value ?? "";
  }

  stop(): void {
    this.#process.kill();
  }

  #ask(method: string, params: unknown): Promise<Message> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#send({ id, method, params });
    return answer;
  }

  #send(message: Message): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const start = this.#received.indexOf("\r\n\r\n") + 4;
      if (start < 4) return;
      const head = this.#received.toString("latin1", 0, start);
      const end = start + Number(/Content-Length: (\d+)/.exec(head)?.[1]);
      if (this.#received.length < end) return;
      const message = JSON.parse(this.#received.toString("utf8", start, end)) as Message;
      this.#received = this.#received.subarray(end);
      this.#take(message);
    }
  }

  #take(message: Message): void {
    const { id, method } = message;
    if (id === undefined) return;
    // It asks for settings and for leave to watch files; none and no are good enough.
    if (method !== undefined) this.#send({ id, result: null });
    else this.#answers.get(id)?.(message);
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}
