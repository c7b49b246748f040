/**
 * Random configurations and messages: what explains a route gives the destinations that the compiled table gives, and
 * that the interpreter of the tests gives; every rule has an answer, and every no a reason.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ConfigLine } from '../../src/conf/config-line.ts';
import { parseConfiguration } from '../../src/conf/parse.ts';
import { Batch } from '../../src/dgram-parser/columns/batch.ts';
import { compileRoutes } from '../../src/route/compile.ts';
import { explainRow, givenOutcomes } from '../../src/route/explain/explain.ts';
import { describeOutcome } from '../../src/route/explain/reasons.ts';
import { explainSelectors } from '../../src/route/explain/selectors.ts';
import { SourceText } from '../../src/route/explain/source.ts';
import { match } from '../../src/route/match.ts';
import { MAIN, memorySource } from '../support/conf-source.ts';
import { message, selectors, text } from '../support/route-arbitraries.ts';
import { naiveRoute, naiveSelects } from '../support/route-naive.ts';
import { LabelList, numberActions, OWN_HOST, putMessage } from '../support/route-rig.ts';

test('an explanation gives the destinations that the compiled table gives, in their order', () => {
  fc.assert(
    fc.property(text, fc.array(message, { minLength: 1, maxLength: 12 }), fc.nat(4), (lines, messages, banned) => {
      const texts = new SourceText();
      const { configuration, problems } = parseConfiguration(MAIN, texts.recording(memorySource({ [MAIN]: lines })));
      assert.deepEqual(problems, []);
      const { rules } = configuration;
      const actions = numberActions(rules);
      // One destination may be forbidden: then its rules are as if they were not there.
      const isLeftOut = (rule: (typeof rules)[number]): boolean => actions.of(rules.indexOf(rule)) === banned - 1;
      const inForce = rules.filter((rule) => !isLeftOut(rule));
      const table = compileRoutes(inForce, (idx) => actions.of(rules.findIndex((rule) => rule === inForce[idx])), [
        OWN_HOST,
      ]);
      const batch = new Batch(messages.length, 8192);
      const labels = new LabelList();
      for (const asked of messages) {
        const row = putMessage(batch, labels, asked);
        const out = new Int32Array(table.outMax);
        const matched = [...out.subarray(0, match(table, batch, row, labels, out))];
        labels.locate(batch, row);
        const outcomes = explainRow(
          rules,
          { destinationOf: actions.of, ownHosts: [OWN_HOST], isLeftOut },
          batch,
          row,
          labels,
        );
        const given = givenOutcomes(outcomes).map(({ destination }) => destination);
        assert.deepEqual(given, matched);
        if (banned === 0) {
          const named = given.map((number) => actions.names[number]);
          assert.deepEqual(named, naiveRoute(lines, asked, OWN_HOST));
        }
        assert.deepEqual(
          outcomes.map(({ rule }) => rule),
          rules,
        );
        for (const outcome of outcomes) {
          const pri = asked.facility * 8 + asked.severity;
          const answer = describeOutcome(outcome, { texts, pri, leftOut: 'left out' });
          assert.equal(answer.yes, outcome.verdict.kind === 'given');
          assert.ok(answer.yes || (answer.notes.length > 0 && answer.notes.every((note) => note !== '')));
          assert.equal(texts.textOf(outcome.rule) === null, false);
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test('the selector that is named as deciding leaves the priority as the whole field does', () => {
  fc.assert(
    fc.property(selectors, (field) => {
      const line = new ConfigLine(MAIN, [{ text: field, line: 1, column: 1 }]);
      const parts = field.split(';');
      for (let pri = 0; pri < 200; pri++) {
        const selects = (list: readonly string[]): boolean =>
          naiveSelects(list.join(';'), Math.floor(pri / 8), pri % 8);
        const { selected, why } = explainSelectors(line, field.length, pri);
        assert.equal(selected, selects(parts));
        const [, decided] = /^`([^`]*)` (?:selects|excludes) (?!nothing|.* only$)/.exec(why) ?? [];
        if (decided === undefined) {
          assert.equal(selected, false);
          continue;
        }
        // From one of its places on, nothing changes any more; and it does change something there.
        const decides = parts.some((part, i) => {
          if (part !== decided || selects(parts.slice(0, i)) === selected) return false;
          return parts.every((_, j) => j < i || selects(parts.slice(0, j + 1)) === selected);
        });
        assert.ok(decides, `${field} pri ${pri}: ${why}`);
      }
    }),
    { numRuns: 300 },
  );
});
