/**
 * The end of every output in every situation: it is reached by the deadline, and whatever happens afterwards brings
 * nothing back to life, tells nothing and counts nothing twice.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { CommandOutput } from '../../../src/output/pipe/command-output.ts';
import { FifoOutput } from '../../../src/output/pipe/fifo-output.ts';
import { ForwardOutput } from '../../../src/output/forward/forward-output.ts';
import type { HostLookup } from '../../../src/output/forward/host-lookup.ts';
import { LineOutput } from '../../../src/output/file/line-output.ts';
import { MadeFifos } from '../../../src/output/pipe/made-fifos.ts';
import { openPortableLink } from '../../../src/output/forward/portable-udp-link.ts';
import type { Output } from '../../../src/output/output.ts';
import { UserOutput } from '../../../src/output/terminal/user-output.ts';
import { cleanUp, TestDaemon } from '../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../support/output-rig.ts';
import { freeUdpPort } from '../../support/ports.ts';
import { until } from '../../support/until.ts';

const RECORDS = 5;
const NO_OWNER = { owner: null, group: null };

interface Situation {
  readonly what: string;
  readonly create: (rig: OutputRig, dir: string) => Output | Promise<Output>;
  /** Whether what waits is written in time; null: that cannot be known. */
  readonly writes: boolean | null;
}

function file(rig: OutputRig, path: string, rotated = false): Output {
  const rotation = rotated ? { sizeBytes: 10, interval: null, count: 2 } : null;
  return new LineOutput({ path, sync: true, mode: 0o640, owner: NO_OWNER, rotation }, rig.services);
}

function fifo(rig: OutputRig, path: string): Output {
  return new FifoOutput({ path, mode: 0o600, owner: NO_OWNER }, rig.services, new MadeFifos());
}

function command(rig: OutputRig, text: string): Output {
  return new CommandOutput({ command: text }, rig.services);
}

/** Never answers. */
const SILENT: HostLookup = { ask: () => undefined };
/** Knows nobody. */
const IGNORANT: HostLookup = { ask: (_host, _family, done) => setImmediate(done, new Error('unknown'), []) };

function loghost(rig: OutputRig, host: string, port: number, lookup: HostLookup): Output {
  const target = { host, port, iface: null, ttl: null, allAddresses: false, family: null, payloadBytes: 1024 };
  const { pool, report } = rig.services;
  return new ForwardOutput(target, { pool, report, lookup, openLink: openPortableLink, ownPlace: () => null });
}

function users(rig: OutputRig, dir: string): Output {
  const sources = { utmp: `${dir}/utmp`, logind: `${dir}/sessions` };
  return new UserOutput({ names: null, sources }, rig.services);
}

const SITUATIONS: readonly Situation[] = [
  { what: 'a file', create: (rig, dir) => file(rig, `${dir}/a`), writes: true },
  { what: 'a file that is rotated', create: (rig, dir) => file(rig, `${dir}/a`, true), writes: true },
  { what: 'a file in a missing folder', create: (rig, dir) => file(rig, `${dir}/missing/a`), writes: false },
  { what: 'a folder as a file', create: (rig, dir) => file(rig, dir), writes: false },
  { what: 'a full device', create: (rig) => file(rig, '/dev/full'), writes: false },
  { what: 'a FIFO that nobody reads', create: (rig, dir) => fifo(rig, `${dir}/fifo`), writes: false },
  {
    what: 'a file as a FIFO',
    create(rig, dir) {
      writeFileSync(`${dir}/fifo`, '');
      return fifo(rig, `${dir}/fifo`);
    },
    writes: false,
  },
  { what: 'a command', create: (rig) => command(rig, 'cat > /dev/null'), writes: true },
  { what: 'a command that dies at once', create: (rig) => command(rig, 'exit 7'), writes: null },
  { what: 'a command that hangs', create: (rig) => command(rig, 'sleep 1000'), writes: false },
  {
    what: 'a host that refuses',
    create: async (rig) => loghost(rig, '127.0.0.1', await freeUdpPort(), SILENT),
    writes: null,
  },
  { what: 'a host without answer', create: (rig) => loghost(rig, 'no-such-host.invalid', 1, SILENT), writes: false },
  { what: 'a host that is unknown', create: (rig) => loghost(rig, 'no-such-host.invalid', 1, IGNORANT), writes: false },
  { what: 'nobody logged in', create: (rig, dir) => users(rig, dir), writes: null },
];

/** All that may still come when the end is over. */
async function late(rig: OutputRig, output: Output): Promise<void> {
  output.reopen();
  output.flush(performance.now());
  output.rotate?.();
  output.settle();
  output.follow?.(Promise.resolve(), () => true);
  await output.drain(inMs(1000));
  await output.close(inMs(1000));
  rig.services.watcher.close();
}

async function ended(t: TestContext, situation: Situation, deadlineMs: number): Promise<void> {
  const rig = outputRig(t);
  const dir = `${TestDaemon.folder(t)}/in`;
  mkdirSync(dir);
  const output = await situation.create(rig, dir);
  cleanUp(t, () => output.close(inMs(0)));
  await output.open(true);
  rig.send(output, ...Array.from({ length: RECORDS }, (_, i) => `record ${i}`));
  const draining = output.drain(inMs(deadlineMs));
  assert.equal(output.state, 'draining');
  // The daemon's own words come meanwhile.
  rig.send(output, 'own');
  const lost = await output.close(inMs(deadlineMs));
  await draining;
  assert.equal(output.state, 'closed');
  const told = rig.reports.length;
  const counters = { ...output.counters };
  await late(rig, output);
  // Another output that tries again and again shows that time has passed.
  const other = new FifoOutput({ path: '/dev/null', mode: 0o600, owner: NO_OWNER }, rig.services, new MadeFifos(), {
    seekMs: 10,
    retryMs: 10,
  });
  await other.open(true);
  await until('some time has passed', () => other.counters.failures >= 5);
  await other.close(inMs(0));
  assert.equal(output.state, 'closed');
  assert.deepEqual({ ...output.counters }, counters);
  // What was under way is finished, and said to be: a command that was killed is dead, a file is rotated.
  const under = /^(command|rotated file) /;
  const later = rig.reports.slice(told).filter((text) => !text.includes('"/dev/null"') && !under.test(text));
  assert.deepEqual(later, []);
  assert.equal(await output.close(inMs(0)), lost, 'closed again, the same number');
  assert.ok(counters.dropped <= RECORDS + 1, `${counters.dropped} dropped`);
  if (situation.writes === false) assert.equal(counters.dropped, RECORDS + 1);
  if (situation.writes === true && deadlineMs > 0) assert.deepEqual([counters.dropped, lost], [0, 0]);
}

describe('ends', { concurrency: 16 }, () => {
  for (const situation of SITUATIONS) {
    test(`${situation.what}: with time left`, (t) => ended(t, situation, 4500));
    test(`${situation.what}: at the deadline`, (t) => ended(t, situation, 0));
  }
});
