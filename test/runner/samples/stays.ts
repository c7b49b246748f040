/** A file whose tests end, and which does not. */
import { test } from 'node:test';

test('the last one', () => void setInterval(() => undefined, 1000));
