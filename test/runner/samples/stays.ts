/** A file whose tests end, but whose process does not. */
import { test } from 'node:test';

test('the last one', () => void setInterval(() => undefined, 1000));
