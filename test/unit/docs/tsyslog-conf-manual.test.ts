/**
 * The manual page of the configuration knows the words of the language that the parser knows, and its examples are
 * sound.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FormatName } from '../../../src/conf/config.ts';
import { KEYS as DIRECTIVES } from '../../../src/conf/statement/directives.ts';
import { FORMATS, INTERVALS, KEYS as OPTIONS, ROTATE_COUNT_MAX } from '../../../src/conf/statement/options.ts';
import { OPERATORS, PROPERTIES } from '../../../src/conf/statement/property-filter.ts';
import type { FormatKind } from '../../../src/format/create-format.ts';
import * as limits from '../../../src/protocol/limits.ts';
import {
  FACILITY,
  FACILITY_ALIASES,
  SEVERITY,
  SEVERITY_ALIASES,
  SEVERITY_COUNT,
} from '../../../src/protocol/priority.ts';
import { MAIN, parseText, problemsOf } from '../../support/conf-source.ts';
import { newFormat, receive, render } from '../format/rendered.ts';
import { Manual } from './mdoc.ts';

const page = new Manual('tsyslog.conf.5');
const examples = page.blocks().filter((block) => block.mark.startsWith('example'));

/** `name code alias …` */
function nameLines(
  names: Readonly<Record<string, number>>,
  aliases: Readonly<Record<string, number>>,
  factor: number,
): readonly string[] {
  return Object.entries(names).map(([name, number]) => {
    const others = Object.keys(aliases).filter((alias) => aliases[alias] === number);
    return [name, ...others, number * factor].join(' ');
  });
}

function tableLines(list: string): readonly string[] {
  return page.items(list).map((item) => [...item.words.flat(), item.columns[2]].join(' '));
}

/** Names of a map that mean the same, joined. */
function synonyms(map: ReadonlyMap<string, string>): readonly string[] {
  const meanings = [...new Set(map.values())];
  return meanings
    .map((meaning) =>
      [...map.keys()]
        .filter((key) => map.get(key) === meaning)
        .toSorted()
        .join(' '),
    )
    .toSorted();
}

function itemWords(list: string): readonly string[] {
  return page
    .items(list)
    .map((item) => item.words.flat().toSorted().join(' '))
    .toSorted();
}

test('tsyslog.conf.5: facilities, their aliases and codes are those of the code', () => {
  assert.deepEqual(tableLines('facilities'), nameLines(FACILITY, FACILITY_ALIASES, SEVERITY_COUNT));
});

test('tsyslog.conf.5: priorities, their aliases and codes are those of the code', () => {
  assert.deepEqual(tableLines('priorities'), nameLines(SEVERITY, SEVERITY_ALIASES, 1));
});

test('tsyslog.conf.5: properties and their synonyms are those of the code', () => {
  assert.deepEqual(itemWords('properties'), synonyms(PROPERTIES));
});

test('tsyslog.conf.5: property operators and their synonyms are those of the code', () => {
  assert.deepEqual(itemWords('property operators'), synonyms(OPERATORS));
});

test('tsyslog.conf.5: directives are those of the code', () => {
  assert.deepEqual(page.words('directives').toSorted(), DIRECTIVES.toSorted());
});

test('tsyslog.conf.5: options are those of the code', () => {
  const words = new Set(page.words('options').map((word) => word.replace(/:$/, '').toLowerCase()));
  const known = [...FORMATS.keys(), ...[...OPTIONS.keys()].map((key) => `${key}=`)];
  assert.deepEqual([...words].toSorted(), known.toSorted());
});

test('tsyslog.conf.5: intervals of rotation are those of the code', () => {
  const body = page.items('options').find((item) => item.columns[0]?.includes('interval'))?.body ?? '';
  const words = /^\.Cm (\w+ly.*)\nor\n\.Cm (\w+) \.$/m.exec(body);
  assert.deepEqual([...(words?.[1] ?? '').split(' , '), words?.[2]], INTERVALS);
});

const LIMITS: readonly (readonly [list: string, word: string, ...numbers: number[]])[] = [
  ['directives', 'max_message', limits.MESSAGE_MIN_BYTES, limits.MESSAGE_MAX_BYTES, limits.MESSAGE_DEFAULT_BYTES],
  ['directives', 'udp_size', limits.FORWARD_MIN_BYTES, limits.FORWARD_MAX_BYTES, limits.FORWARD_DEFAULT_BYTES],
  [
    'directives',
    'memory',
    limits.MEMORY_MIN_BYTES / 1024 ** 2,
    limits.MEMORY_MAX_BYTES / 1024 ** 3,
    limits.MEMORY_DEFAULT_BYTES / 1024 ** 2,
  ],
  ['directives', 'listen', limits.SYSLOG_UDP_PORT],
  ['directives', 'rotate_count', ROTATE_COUNT_MAX],
  ['options', 'rotate=:', ROTATE_COUNT_MAX],
];

for (const [list, word, ...numbers] of LIMITS) {
  test(`tsyslog.conf.5: limits of ${word} are those of the code`, () => {
    const item = page.items(list).find((found) => found.words.flat().includes(word));
    for (const number of numbers) assert.match(item?.body ?? '', new RegExp(`\\b${number}[MG]?\\b`));
  });
}

/** Which priorities a meaning in the table of operators names, for p = warning. */
const MEANINGS: ReadonlyMap<string, readonly number[]> = new Map([
  ['p and more severe', [0, 1, 2, 3, 4]],
  ['only p', [4]],
  ['more severe than p', [0, 1, 2, 3]],
  ['p and less severe', [4, 5, 6, 7]],
  ['less severe than p', [5, 6, 7]],
  ['less severe than p, and so on with every operator', [5, 6, 7]],
  ['all but p', [0, 1, 2, 3, 5, 6, 7]],
  ['all', [0, 1, 2, 3, 4, 5, 6, 7]],
]);

function selectedPriorities(selector: string): readonly number[] {
  const parsed = parseText(`${selector} /x`);
  assert.deepEqual(problemsOf(parsed), []);
  const mask = parsed.configuration.rules[0]?.severityMasks[FACILITY.mail] ?? 0;
  return Object.values(SEVERITY).filter((severity) => (mask & (1 << severity)) !== 0);
}

test('tsyslog.conf.5: every form of a priority selects, or takes away, what the table says', () => {
  const items = page.items('selector operators');
  assert.ok(items.length >= 11);
  for (const { columns } of items) {
    const [forms = '', meaning = ''] = columns;
    const meant = MEANINGS.get(meaning);
    assert.ok(meant !== undefined, `the test knows the meaning '${meaning}'`);
    for (const form of forms.split(', ')) {
      const takesAway = form.startsWith('!') || form === 'none';
      const priority = form.replace('p', 'warning');
      const selected: readonly number[] = selectedPriorities(
        takesAway ? `mail.*;mail.${priority}` : `mail.${priority}`,
      );
      const left: readonly number[] = Object.values(SEVERITY).filter(
        (severity) => meant.includes(severity) !== takesAway,
      );
      assert.deepEqual(selected, left, form);
    }
  }
});

const RECORDS: readonly (readonly [mark: string, kind: FormatKind, name: FormatName])[] = [
  ['record line', 'line', 'default'],
  ['record line', 'line', 'rfc3164'],
  ['record iso', 'line', 'iso'],
  ['record rfc5424', 'line', 'rfc5424'],
  ['record json', 'line', 'json'],
  ['record forward', 'forward', 'default'],
  ['record forward rfc3164', 'forward', 'rfc3164'],
  ['record forward rfc5424', 'forward', 'rfc5424'],
];

for (const [mark, kind, name] of RECORDS) {
  test(`tsyslog.conf.5: the message of FORMATS is written as shown, ${kind} ${name}`, () => {
    const shown = (wanted: string): string => page.blocks().find((block) => block.mark === wanted)?.text ?? '';
    const record = render(newFormat(kind, name), receive(shown('message'))).toString();
    // An object is broken behind commas, to fit the page.
    assert.equal(`${shown(mark).replaceAll('\n', '')}\n`, record);
  });
}

test('tsyslog.conf.5: keys of JSON are those that are written, in their order', () => {
  const message = page.blocks().find((block) => block.mark === 'message')?.text ?? '';
  const written: unknown = JSON.parse(render(newFormat('line', 'json'), receive(message)).toString());
  const keys = page.words('json keys');
  assert.deepEqual(
    keys.filter((key) => !key.startsWith('_')),
    Object.keys(written ?? {}),
  );
});

test('tsyslog.conf.5: there are examples', () => assert.ok(examples.length >= 6));

for (const [i, { text }] of examples.entries()) {
  test(`tsyslog.conf.5: example ${i + 1} has no mistake`, () => {
    const parsed = parseText(text);
    assert.deepEqual(problemsOf(parsed), []);
    assert.ok(parsed.configuration.rules.length > 0);
  });
}

test('tsyslog.conf.5: the examples use every kind of action, option, block, property, operator and directive', () => {
  const parsed = parseText(examples.map(({ text }) => `${text}\n!*\n+*\n:*\n`).join(''));
  const { rules, directives } = parsed.configuration;
  assert.deepEqual(
    new Set(rules.map((rule) => rule.action.kind)),
    new Set(['file', 'fifo', 'command', 'forward', 'users', 'wall']),
  );
  assert.deepEqual(
    new Set(rules.flatMap((rule) => Object.keys(rule.options.at))),
    new Set(['format', ...OPTIONS.keys()]),
  );
  assert.deepEqual(new Set(rules.flatMap((rule) => rule.property?.property ?? [])), new Set(PROPERTIES.values()));
  assert.deepEqual(new Set(rules.flatMap((rule) => rule.property?.operator ?? [])), new Set(OPERATORS.values()));
  assert.ok(rules.some((rule) => rule.program?.quick === true) && rules.some((rule) => rule.host?.exclude === true));
  const include = examples.some(({ text }) => /^include /m.test(text)) ? ['include'] : [];
  assert.deepEqual([...include, ...Object.keys(directives.at)].toSorted(), DIRECTIVES.toSorted());
});

test('tsyslog.conf.5: the mistake that DESCRIPTION shows is told so', () => {
  const shown = page.blocks().find((block) => block.mark === 'mistake')?.text ?? '';
  const [problem = ''] = problemsOf(parseText(`${'\n'.repeat(6)}*.info;mial.none /var/log/messages`));
  assert.equal(shown.replaceAll('\n', ' ').trim(), problem.replace(MAIN, '/etc/tsyslog.conf'));
});
