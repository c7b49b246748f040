/**
 * Random configurations and messages: the compiled table sends every message where the interpreter sends it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { message, text } from '../support/route-arbitraries.ts';
import { naiveRoute } from '../support/route-naive.ts';
import { OWN_HOST, RouteRig } from '../support/route-rig.ts';

test('compiled tables send messages where the interpreter sends them', () => {
  fc.assert(
    fc.property(text, fc.array(message, { minLength: 1, maxLength: 20 }), (lines, messages) => {
      const rig = new RouteRig(lines);
      for (const asked of messages) assert.deepEqual(rig.route(asked), naiveRoute(lines, asked, OWN_HOST));
    }),
    { numRuns: 3000 },
  );
});
