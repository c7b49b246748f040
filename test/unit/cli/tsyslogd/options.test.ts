/**
 * What the command line means where its options contradict or repeat each other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../../../../src/cli/tsyslogd/options.ts';
import { UsageError } from '../../../../src/cli/command-line/usage-error.ts';

test('-p: one path, however it is written, is one socket', () => {
  const args = ['-p', '/run/a', '-p', '/run/b', '-p', '/run/x/../a', '-p', './log', '-p', 'log', '-p', '/run//b/'];
  assert.deepEqual(parseOptions(args).sockets, ['/run/a', '/run/b', './log']);
});

const CONTRADICTIONS: readonly (readonly [string, string, string])[] = [
  ['-4', '::1', "option '-4' conflicts with '-b ::1': expected an IPv4 address"],
  ['-4', '[fe80::1%lo]:514', "option '-4' conflicts with '-b [fe80::1%lo]:514': expected an IPv4 address"],
  ['-6', '127.0.0.1:514', "option '-6' conflicts with '-b 127.0.0.1:514': expected an IPv6 address"],
];

for (const [flag, address, message] of CONTRADICTIONS)
  test(`${flag} refuses -b ${address}, whichever comes first`, () => {
    for (const args of [
      [flag, '-b', address],
      ['-b', address, flag],
    ])
      assert.throws(
        () => parseOptions(args),
        (error) => error instanceof UsageError && error.message === message,
      );
  });

test('-4 and -6 allow addresses of their family, names, and every address', () => {
  assert.equal(parseOptions(['-4', '-b', '127.0.0.1', '-b', 'localhost', '-b', ':514']).listen.length, 3);
  assert.equal(parseOptions(['-6', '-b', '[::1]:514', '-b', '::1%lo', '-b', '*']).listen.length, 3);
});

test('-4 and -6: the last one counts', () => {
  assert.equal(parseOptions(['-46']).family, 6);
  assert.equal(parseOptions(['-64']).family, 4);
  assert.equal(parseOptions(['-6', '--ipv4', '-s']).family, 4);
  assert.equal(parseOptions(['-4', '-6', '-b', '::1']).listen.length, 1);
});

test('options of the command line mean what they mean in sysklogd and FreeBSD', () => {
  const { allowedPeers, noRepeats, markMinutes, secureMode } = parseOptions([
    ...['-a', '192.0.2.0/24:*', '-a', '*.example.com:*', '-a', '[2001:db8::]/32:syslog', '-cc', '-m', '0', '-ss'],
  ]);
  assert.deepEqual([allowedPeers.length, noRepeats, markMinutes, secureMode], [3, 2, 0, 2]);
  assert.equal(parseOptions(['-c']).noRepeats, 1);
  assert.equal(parseOptions(['-s']).secureMode, 1);
});

/** Options as other daemons have them: each is refused with one line, and nothing is started. */
const FOREIGN: readonly (readonly [string, RegExp])[] = [
  // FreeBSD
  ['-C -s', /^option '-C' needs a value: found '-s': expected FILE: a kernel log cache; log files are always created/],
  ['-s -C', /^option '-C' needs a value: expected FILE: a kernel log cache/],
  ['-Cs', /^bad value 's' for option '-C': expected a path with a '\/', such as '.\/s'$/],
  ['-Css -f /etc/x', /^bad value 'ss' for option '-C'/],
  ['-N', /^unknown option '-N': to receive nothing from the network write '-s'$/],
  ['-sN', /^unknown option '-N'/],
  ['-O rfc5424', /^unknown option '-O': the format of lines is given after the action, .*;RFC5424'$/],
  ['-o', /^unknown option '-o'/],
  ['-S /var/run/logpriv', /^unknown option '-S': for another log socket write '-p PATH'/],
  ['-u', /^unknown option '-u': .*write '=' before it in the selector/],
  ['-s -v -v', /^option '-v' prints the version and must be used alone: .*';JSON'/],
  ['-vv', /^option '-v' prints the version and must be used alone/],
  ['-v -f /etc/x', /^option '-v' prints the version and must be used alone/],
  ['-sv', /^option '-v' prints the version and must be used alone/],
  ['-p 0600:/var/run/log', /^bad value '0600:\/var\/run\/log' for option '-p': expected a path only: .*0666$/],
  ['-l /var/named/dev/log', /^unexpected argument '\/var\/named\/dev\/log': '-l' takes no value: .*'-p PATH'$/],
  ['-l 0666:/x/log', /^unexpected argument '0666:\/x\/log': '-l' takes no value: .*'-p PATH'$/],
  ['-l/var/named/dev/log', /^unknown option '-\/'$/],
  // OpenBSD
  ['-a /var/www/dev/log', /^bad value '\/var\/www\/dev\/log' for option '-a': expected a sender: .*'-p PATH'$/],
  ['-c client.crt -k client.key', /^unexpected argument 'client.crt': '-c' takes no value: TLS is not supported$/],
  ['-K ca.pem', /^unexpected argument 'ca.pem': '-K' takes no value: TLS is not supported$/],
  ['-h -f /etc/x', /^option '-h' prints the help and must be used alone$/],
  ['-V -f /etc/x', /^option '-V' prints the version and must be used alone$/],
  ['-Fh', /^option '-h'/],
  ['-rr', /^bad value 'r' for option '-r'/],
  ['-r -n', /^option '-r' needs a value: found '-n': expected SIZE\[:N\]: .*received by default/],
  ['-S 192.0.2.1:6514', /^unknown option '-S'/],
  [
    '-s /var/run/syslogd.sock',
    /^unexpected argument .* '-s' takes no value: for the control socket write '--control PATH'$/,
  ],
  ['-T 127.0.0.1:514', /^unexpected argument .* '-T' takes no value: to listen/],
  ['-U 127.0.0.1', /^unknown option '-U': to listen on an address write '-b ADDR'/],
  ['-Z', /^unknown option '-Z': .*;ISO'$/],
  // NetBSD
  ['-u daemon -g daemon', /^unknown option '-u': for another user write '--user USER'/],
  ['-g daemon', /^unknown option '-g': for another group write '--group GROUP'$/],
  ['-t /var/chroot', /^unexpected argument '\/var\/chroot': '-t' takes no value: .*'--chroot DIR'$/],
  ['-B 32768', /^unknown option '-B'/],
  ['-o syslog', /^unknown option '-o'/],
  ['-X', /^unknown option '-X'/],
  // sysklogd 1.5 and busybox
  ['-r -x -m 0', /^option '-r' needs a value: found '-x'/],
  ['-x', /^unknown option '-x': for no name lookups write '-n'$/],
  ['-b 3', /^bad value '3' for option '-b'/],
];

for (const [line, said] of FOREIGN)
  test(`tsyslogd ${line} is refused: ${said.source}`, () => {
    assert.throws(
      () => parseOptions(line.split(' ')),
      (error) => error instanceof UsageError && said.test(error.message) && !error.message.includes('\n'),
    );
  });

const MISTAKES: readonly (readonly [string, string])[] = [
  ['--foregroud', "unknown option '--foregroud': did you mean '--foreground'?"],
  ['--pidfile=/x', "unknown option '--pidfile': did you mean '--pid-file'?"],
  ['--no-such-thing-at-all', "unknown option '--no-such-thing-at-all'"],
  ['-j', "unknown option '-j'"],
  ['--check=yes', "option '--check' takes no value: found 'yes'"],
  ['-f -s', "option '-f' needs a value: found '-s': expected FILE (a file of that name is './-s')"],
  ['--user -s', "option '--user' needs a value: found '-s': expected USER"],
  ['-m -5', "option '-m' needs a value: found '-5': expected MIN"],
  ['-P', "option '-P' needs a value: expected FILE"],
  ['--config=', "option '--config' needs a value: expected FILE"],
  ['-F stray', "unexpected argument 'stray': '-F' takes no value"],
  ['-f x stray', "unexpected argument 'stray': expected only options"],
  ['-f x -- -s', "unexpected argument '-s': expected only options"],
];

for (const [line, said] of MISTAKES)
  test(`tsyslogd ${line} is refused: ${said}`, () => {
    assert.throws(
      () => parseOptions(line.split(' ')),
      (error) => error instanceof UsageError && error.message === said,
    );
  });

test('a file whose name begins with a dash is named where nothing else can be meant', () => {
  assert.equal(parseOptions(['--config=-s']).configFile, '-s');
  assert.equal(parseOptions(['-f', './-s']).configFile, './-s');
  assert.equal(parseOptions(['-C', './cache']).kernelCache, './cache');
});

test('-v, -V, -h alone, and --version, --help, -? in any company, start nothing', () => {
  for (const word of ['-v', '-V', '--version']) assert.equal(parseOptions([word]).action, 'version');
  for (const word of ['-h', '-?', '--help']) assert.equal(parseOptions([word]).action, 'help');
  assert.equal(parseOptions(['-m', 'never', '--help']).action, 'help');
  assert.equal(parseOptions(['-f', '/etc/x', '--version']).action, 'version');
  assert.equal(parseOptions(['-s?']).action, 'help');
});
