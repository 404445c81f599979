/** The input of a process that `runInNode` started. */
export async function readInput(): Promise<unknown> {
  let text = "";
  for await (const part of process.stdin.setEncoding("utf8")) text += part;
  return JSON.parse(text);
}
