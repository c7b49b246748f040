#!/usr/bin/env node
/**
 * A small daemon: it counts seconds, and takes commands from a control pipe.
 *
 *     node counter.mjs DIR [USER]
 *     echo status > DIR/counter.ctl
 *
 * `status` appends a line to DIR/counter.log, `reset` starts again at 0, `stop` ends it, and so does SIGTERM.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DaemonContext } from 'tsyslogd/daemon';

// Code before `open` runs twice when the daemon detaches: once in the command, once in the daemon.
const dir = resolve(process.argv[2] ?? '.');
const pipe = `${dir}/counter.ctl`;
let seconds = 0;

const context = new DaemonContext({
  pidFile: `${dir}/counter.pid`,
  stdout: `${dir}/counter.log`,
  user: process.argv[3] ?? null,
  signals: { SIGTERM: () => end('SIGTERM'), SIGHUP: () => say('still here') },
});

/** Runs with full privileges, before the command that started it returns: that command reports what fails here. */
function openPipe() {
  mkdirSync(dir, { recursive: true });
  rmSync(pipe, { force: true });
  execFileSync('mkfifo', [pipe]);
  chmodSync(pipe, 0o600);
  // Open for writing too, so that a writer that closes the pipe does not end the input.
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  return new Socket({ fd, readable: true, writable: false });
}

function say(text) {
  console.log(`counter[${process.pid}]: ${text}`);
}

function end(reason) {
  say(`exiting: ${reason}`);
  try {
    rmSync(pipe, { force: true });
  } catch {
    // Another user may not remove it; the next start replaces the pipe.
  }
  context.close();
  process.exit(0);
}

function obey(word) {
  if (word === 'status') say(`${seconds} seconds`);
  else if (word === 'reset') seconds = 0;
  else if (word === 'stop') end(word);
  else say(`unknown command "${word}": expected status, reset or stop`);
}

try {
  const words = await context.open(openPipe);
  setInterval(() => seconds++, 1000);
  createInterface({ input: words }).on('line', obey);
  say('ready');
} catch (error) {
  console.error(`counter: ${error.message}`);
  process.exitCode = 1;
}
