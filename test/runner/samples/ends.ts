/** A file that ends with success in the middle of a test. */
import { test } from 'node:test';

test('leaves early', () => process.exit(0));
