/** What the reporter tells the run, one JSON document a line. */
export interface TestRecord {
  /** `begin` and `complete` as they happen, the outcome in the order of the file. */
  readonly event: 'begin' | 'complete' | 'passed' | 'failed' | 'skipped';
  readonly name: string;
  /** Of what failed. */
  readonly error: string | null;
  /** Of what was skipped; null: none is given. */
  readonly reason: string | null;
}

/** Reads what is there, which may end in the middle of a line. */
export function parseRecords(text: string): readonly TestRecord[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const value: unknown = JSON.parse(line);
      return isRecord(value) ? [value] : [];
    });
}

function isRecord(value: unknown): value is TestRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['event', 'name', 'error', 'reason'].every((key) => Object.hasOwn(value, key))
  );
}

/** @returns the test that has begun last of those that have not ended; null: none */
export function runningTest(records: readonly TestRecord[]): string | null {
  const running: string[] = [];
  for (const { event, name } of records) {
    if (event === 'begin') running.push(name);
    else if (event === 'complete' && running.includes(name)) running.splice(running.lastIndexOf(name), 1);
  }
  return running.at(-1) ?? null;
}
