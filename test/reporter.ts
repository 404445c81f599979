import type { SerializedError, TestModule, TestRunEndReason } from "vitest/node";
import { DefaultReporter } from "vitest/node";

/**
 * Vitest's own report, and after it one last line: `12 passed, 0 failed`, with `, 3 skipped` when any were.
 * A file that can't be loaded, a hook that fails and an error outside of any test count as failed, and a run in
 * which no test ran doesn't succeed.
 */
export default class CountingReporter extends DefaultReporter {
  override onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    errors: ReadonlyArray<SerializedError>,
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, errors, reason);
    const counts = countTests(modules);
    const failed = counts.failed + errors.length;
    if (failed > 0 || counts.passed === 0) process.exitCode = 1;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    console.log(`${counts.passed} passed, ${failed} failed${skipped}`);
  }
}

function countTests(modules: ReadonlyArray<TestModule>) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that never came to an end isn't one that passed.
      counts[state === "pending" ? "failed" : state]++;
    }
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  }
  return counts;
}
