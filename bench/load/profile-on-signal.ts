/**
 * Loaded into a daemon with `node --import`: SIGWINCH starts a CPU profile, SIGPWR ends it and writes microseconds and
 * stage to PROFILE_FILE, one line for each stage. A daemon exits too fast for `--cpu-prof`, and only the part under
 * load is wanted.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';
import { add, type Stages, stageOfSource } from './stages.ts';

const INTERVAL_US = 250;

function divide({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Stages {
  const stages: Stages = new Map();
  const stageOf = new Map(nodes.map(({ id, callFrame }) => [id, stageOfSource(callFrame.url)]));
  for (const [i, id] of samples.entries()) {
    const stage = stageOf.get(id) ?? null;
    if (stage !== null) add(stages, stage, timeDeltas[i] ?? 0);
  }
  return stages;
}

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
process.on('SIGWINCH', () => session.post('Profiler.start'));
process.on('SIGPWR', () => {
  session.post('Profiler.stop', (error, { profile }) => {
    const file = process.env['PROFILE_FILE'];
    if (error !== null || file === undefined) return;
    const lines = [...divide(profile)].map(([stage, us]) => `${us}\t${stage}\n`);
    writeFileSync(`${file}.new`, lines.join(''));
    renameSync(`${file}.new`, file);
  });
});
