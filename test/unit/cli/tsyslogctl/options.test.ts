/**
 * The command line of tsyslogctl: what is accepted, and what each mistake is told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '../../../../src/cli/tsyslogctl/explain-message.ts';
import { parseControlArgs } from '../../../../src/cli/tsyslogctl/options.ts';
import { COMMANDS, CTL_EXIT } from '../../../../src/cli/tsyslogctl/command-table.ts';
import { targetOf } from '../../../../src/cli/tsyslogctl/target.ts';
import { UsageError } from '../../../../src/cli/command-line/usage-error.ts';
import { runControl } from '../../../support/ctl-program.ts';

test('options stand before or behind the command', () => {
  for (const args of [
    ['-q', '-P', '/p', 'status', '--json'],
    ['status', '--json', '-q', '--pid-file=/p'],
  ]) {
    const { command, quiet, json, pidFile } = parseControlArgs(args);
    assert.deepEqual({ command, quiet, json, pidFile }, { command: 'status', quiet: true, json: true, pidFile: '/p' });
  }
});

const TARGETS: readonly (readonly [readonly string[], string, string | null])[] = [
  [[], '/var/run/tsyslogd.pid', '/var/run/tsyslogd.ctl'],
  [['-P', '/x/y.pid'], '/x/y.pid', '/x/y.ctl'],
  [['-P', '/x/pid'], '/x/pid', '/x/pid.ctl'],
  [['-P', '/x/pid', '--control', '/c'], '/x/pid', '/c'],
  [['--control', 'none'], '/var/run/tsyslogd.pid', null],
];

for (const [args, pidFile, control] of TARGETS)
  test(`${args.join(' ') || 'no options'}: control socket ${control}`, () => {
    assert.deepEqual(targetOf(parseControlArgs([...args, 'status'])), { pidFile, control });
  });

test("what stands behind '--' is for the daemon, or the text of explain", () => {
  assert.deepEqual(parseControlArgs(['start', '--', '-ss', '--', '-F']).daemonArgs, ['-ss', '--', '-F']);
  assert.equal(parseControlArgs(['explain', 'a', '--', '-p', 'b']).text, 'a -p b');
  assert.equal(parseControlArgs(['explain']).text, null);
});

const MISTAKES: readonly (readonly [string, RegExp])[] = [
  ['', /^no command: expected one of status, /],
  ['statsu', /^unknown command 'statsu': did you mean 'status'\?$/],
  ['frobnicate', /^unknown command 'frobnicate': expected one of status, /],
  ['status -P -q', /^option '-P' needs a value: found '-q': expected FILE \(a file of that name is '.\/-q'\)$/],
  ['status --pidfile x', /^unknown option '--pidfile': did you mean '--pid-file'\?$/],
  ['explain -o -ss x', /^$/],
  ['status now', /^unexpected argument 'now': expected nothing after the command$/],
  ['status -- -F', /^unexpected argument '-F'/],
  ['start -- -F now', /^$/],
  ['start now', /^unexpected argument 'now': expected daemon options after '--'$/],
  ['status --colour', /^unknown option '--colour'/],
  ['status -x', /^unknown option '-x'/],
  ['status --json=1', /^option '--json' takes no value: found '1'$/],
  ['status -P', /^option '-P' needs a value: expected FILE$/],
  ['reload --json', /^option '--json' is for 'status': found command 'reload'$/],
  ['status -t x', /^option '-t' is for 'explain'/],
  ['status --timeout soon', /^bad value 'soon' for option '--timeout'/],
  ['status --timeout 0', /^bad value '0' for option '--timeout'/],
  ['status --timeout 1e9', /^bad value '1e9' for option '--timeout'/],
];

for (const [line, said] of MISTAKES)
  test(`tsyslogctl ${line}: ${said.source}`, () => {
    const parse = (): unknown => parseControlArgs(line.split(' ').filter((word) => word !== ''));
    if (said.source === '^$') assert.doesNotThrow(parse);
    else assert.throws(parse, (error) => error instanceof UsageError && said.test(error.message));
  });

const MESSAGES: readonly (readonly [string, RegExp])[] = [
  ['-p maul.err', /^bad value 'maul.err' for option '-p': .* did you mean 'mail'\?$/],
  ['-p mail.eror', /did you mean 'err(?:or)?'\?$/],
  ['-p mail', /^bad value 'mail'/],
  ['-p 192', /^bad value '192'/],
  ['-p mail.err.x', /^bad value/],
  ['--from moon', /^bad value 'moon' for option '--from': expected local, network or kernel$/],
  ['-H web1 --from local', /^option '-H' is for messages from the network/],
  ['--raw -p mail.err', /^options '--raw' and '--priority' are mutually exclusive/],
  ['--raw -t x', /^options '--raw' and '--tag' are mutually exclusive/],
  ['-p mark.info --from kernel', /^only the daemon itself uses facility 'mark'$/],
];

for (const [line, said] of MESSAGES)
  test(`explain ${line}: ${said.source}`, () => {
    const { explain } = parseControlArgs(['explain', ...line.split(' ')]);
    assert.throws(
      () => readMessage(explain, () => Buffer.alloc(0)),
      (error) => error instanceof UsageError && said.test(error.message),
    );
  });

test('a mistake is one line, then where to find help, and status 2', async () => {
  const { status, stdout, stderr } = await runControl(['statsu']);
  assert.deepEqual([status, stdout], [CTL_EXIT.usage, '']);
  assert.equal(stderr, "tsyslogctl: unknown command 'statsu': did you mean 'status'?\ntry tsyslogctl --help\n");
});

test('-h and -V are --help and --version', () => {
  assert.equal(parseControlArgs(['-h']).command, 'help');
  assert.equal(parseControlArgs(['-V']).command, 'version');
});

test('--help and --version print to stdout, whatever else is wrong', async () => {
  const help = await runControl(['--help', 'nonsense']);
  assert.equal(help.status, 0);
  for (const { name } of COMMANDS) assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
  assert.ok(
    help.stdout.split('\n').every((line) => line.length <= 80),
    help.stdout,
  );
  const version = await runControl(['--version']);
  assert.match(version.stdout, /^tsyslogctl \d+\.\d+\.\d+\n$/);
});
