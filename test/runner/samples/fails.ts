/** A file with a test that fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

test('passes', () => assert.ok(true));
test('fails', () => assert.equal(1, 2, 'one is not two'));
