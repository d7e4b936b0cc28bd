// What became of the specs of a run, in Node or in a browser: what is said of each failure, and of all at the end.

export class SpecReport {
  #counts = { passed: 0, failed: 0, pending: 0, excluded: 0 };

  specDone({ status, fullName, failedExpectations }) {
    this.#counts[status] = (this.#counts[status] ?? 0) + 1;
    this.#tellFailures(fullName, failedExpectations);
  }

  /** A suite fails beside its specs: in its afterAll. */
  suiteDone({ fullName, failedExpectations }) {
    this.#tellFailures(fullName, failedExpectations);
  }

  /** The closing lines, from what Jasmine's execute() gave; gives whether nothing failed and enough ran. */
  close({ files, atLeast, overallStatus, incompleteReason, failedExpectations = [] }) {
    this.#tellFailures("outside of all suites", failedExpectations);
    const { passed, failed, pending } = this.#counts;
    const executed = passed + failed;
    console.log(`${files} files: ${executed} specs ran, ${passed} passed, ${failed} failed, ${pending} pending`);
    if (executed < atLeast) console.log(`at least ${atLeast} should have run`);
    if (overallStatus !== "passed") console.log(incompleteReason ?? overallStatus);
    return overallStatus !== "failed" && failed === 0 && executed >= atLeast;
  }

  #tellFailures(where, failedExpectations) {
    if (failedExpectations.length > 0) console.log(`failed: ${where}`);
    for (const { message, stack } of failedExpectations) console.log(`  ${message}\n${stack ?? ""}`);
  }
}
