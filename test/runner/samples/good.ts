/** A file of tests without fault. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

test('passes', () => assert.ok(true));
test('is skipped', { skip: 'for a reason' }, () => assert.fail());
