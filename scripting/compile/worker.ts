import { parentPort } from "node:worker_threads";
import { loadToolchain } from "./asc.ts";
import { compile } from "./compile.ts";
import { DiskFolder, type FileHashes } from "./disk.ts";
import type { CompileJob, JobReply } from "./pool.ts";

// A worker thread that compiles what it is sent, one job at a time. See pool.ts for the other side.
const port = parentPort;
if (!port) throw new Error("the compile worker has to be started as a worker thread");

async function run({ id, root, sdkRoot, options }: CompileJob): Promise<JobReply> {
  const project = new DiskFolder(root);
  const sdk = new DiskFolder(sdkRoot);
  const result = await compile({ ...options, readFile: project.read, sdk: sdk.read });
  const reads: FileHashes = new Map([...project.reads, ...sdk.reads]);
  return { id, result, reads };
}

// Here and not at the first job: where the sources are run as they are, modules can only be loaded at the start.
await loadToolchain();

port.on("message", async (job: CompileJob) => {
  try {
    const reply = await run(job);
    port.postMessage(reply, reply.result.ok ? [reply.result.binary.bytes.buffer] : []);
  } catch (error) {
    // Nothing that a script does ends here: the project's folder is gone, or the like.
    port.postMessage({ id: job.id, error: error instanceof Error ? error.message : String(error) });
  }
});
