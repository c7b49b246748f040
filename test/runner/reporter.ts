/**
 * A reporter for node:test that writes {@link TestRecord}s: for the totals of the run, and to know where a file hangs.
 */
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { TestRecord } from './record.ts';

function recordOf(event: TestEvent): TestRecord | null {
  const { type } = event;
  if (type === 'test:dequeue') return { event: 'begin', name: event.data.name, error: null, reason: null };
  if (type === 'test:complete') return { event: 'complete', name: event.data.name, error: null, reason: null };
  if (type !== 'test:pass' && type !== 'test:fail') return null;
  const { name, skip, todo, details } = event.data;
  if (type === 'test:fail') {
    const error = inspect(event.data.details.error.cause ?? event.data.details.error);
    return { event: 'failed', name, error, reason: null };
  }
  if (details.type === 'suite') return null;
  const why = skip ?? todo;
  if (why === undefined) return { event: 'passed', name, error: null, reason: null };
  return { event: 'skipped', name, error: null, reason: typeof why === 'string' && why !== '' ? why : null };
}

// oxlint-disable-next-line import/no-default-export -- that is what node:test asks for
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    const record = recordOf(event);
    if (record !== null) yield `${JSON.stringify(record)}\n`;
  }
}
