/** What the reporter sends to the run, one JSON document per line. */
export interface TestRecord {
  /** `begin` and `complete` as they happen, the outcomes in file order. */
  readonly event: 'begin' | 'complete' | 'passed' | 'failed' | 'skipped';
  readonly name: string;
  /** Of a failed test. */
  readonly error: string | null;
  /** Of a skipped test; null: none was given. */
  readonly reason: string | null;
}

/** Parses the text so far, which may end in the middle of a line. */
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

/** @returns the last test that has begun and not ended; null: none */
export function runningTest(records: readonly TestRecord[]): string | null {
  const running: string[] = [];
  for (const { event, name } of records) {
    if (event === 'begin') running.push(name);
    else if (event === 'complete' && running.includes(name)) running.splice(running.lastIndexOf(name), 1);
  }
  return running.at(-1) ?? null;
}
