import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findContainer } from '../../../../src/sys/machine/container.ts';

test('a container is known by the variable, else by a mark of those that make them', () => {
  assert.equal(findContainer({ container: 'podman' }, []), 'container=podman');
  assert.equal(findContainer({ container: '' }, ['/no/such/mark']), null);
  assert.equal(findContainer({}, ['/no/such/mark', '/dev/null']), '/dev/null');
});
