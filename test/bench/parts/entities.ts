import { benchEntities } from "../entities.ts";
import { row } from "../print.ts";

export async function entities(rounds: number): Promise<unknown> {
  console.log(
    "\nA frame of movement: a script with a budget for each entity, and native TypeScript",
  );
  row("entities", "script ns", "native ns", "ratio");
  const curve = [];
  for (const count of [1_000, 10_000, 100_000]) {
    const result = await benchEntities(count, rounds);
    curve.push(result);
    row(
      count.toLocaleString("en"),
      result.scriptNsPerEntity.toFixed(1),
      result.nativeNsPerEntity.toFixed(1),
      result.ratio.toFixed(2),
    );
  }
  return { ratio10k: curve[1]?.ratio, ratio100k: curve[2]?.ratio, curve };
}
