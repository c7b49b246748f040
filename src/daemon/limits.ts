/**
 * What a daemon that has given up privileges can no longer do with its paths: found at the start, before it matters.
 * What is open stays open.
 */
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import type { Input } from '../input/input.ts';
import type { Output } from '../output/output.ts';
import { errorText } from '../sys/call/error-text.ts';
import { whyFixed, whyNotMade, whyNotWritable } from '../sys/file/path-access.ts';
import { inRoot, rootDirectory } from '../sys/call/root-directory.ts';

const SHELL = '/bin/sh';
const PRIVILEGED_PORTS = 1024;

export interface LimitedParts {
  readonly configFile: string;
  /** Control socket and control pipe; null: none. */
  readonly controlSocket: string | null;
  readonly controlPipe: string | null;
  /** Senders are looked up by name. */
  readonly resolveNames: boolean;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
}

/** @returns one line for each thing that will not work */
export function describeLimits(parts: LimitedParts): readonly string[] {
  const { configFile, controlSocket, controlPipe, resolveNames, inputs, outputs } = parts;
  const lines = [
    configurationLimit(configFile),
    pathLimit('control socket', controlSocket),
    pathLimit('control pipe', controlPipe),
    ...inputs.map(inputLimit),
    resolveNames && inputs.some(({ kind }) => kind === 'udp') ? namesLimit() : null,
    ...outputs.map(outputLimit),
    processesLimit(outputs),
  ];
  return [...new Set(lines)].filter((line) => line !== null);
}

function limit(what: string, cannot: string, reason: string | null): string | null {
  return reason === null ? null : `${what} ${cannot}: ${reason}`;
}

function pathLimit(what: string, path: string | null): string | null {
  return path === null ? null : limit(`${what} "${path}"`, 'can be neither recreated nor removed', whyFixed(path));
}

function inputLimit(input: Input): string | null {
  const { kind, label, state } = input;
  // The service manager takes care of its own sockets.
  if (input.openSockets().some(({ record }) => record.kind === 'passed')) return null;
  if (kind === 'log socket') return pathLimit(kind, label);
  const port = Number(/:(\d+)$/.exec(label)?.[1] ?? PRIVILEGED_PORTS);
  if (kind !== 'udp' || state === 'open' || port >= PRIVILEGED_PORTS || process.geteuid?.() === 0) return null;
  return limit(label, 'is not bound yet and can no longer be bound', `only root may use port ${port}`);
}

function namesLimit(): string | null {
  if (rootDirectory() === null) return null;
  return limit('names of senders', 'cannot be looked up', missing('/etc/resolv.conf'));
}

function configurationLimit(path: string): string | null {
  try {
    accessSync(inRoot(path), constants.R_OK);
    return null;
  } catch (error) {
    return limit(`configuration "${path}"`, 'cannot be read again', errorText(error));
  }
}

function outputLimit(output: Output): string | null {
  switch (output.kind) {
    case 'file':
      return fileLimit(output);
    case 'fifo':
      return (
        limit(output.label, 'cannot be opened', whyNotWritable(output.name)) ??
        limit(output.label, 'cannot be recreated', whyNotMade(output.name))
      );
    case 'terminal':
    case 'device':
      return limit(output.label, 'stays open but cannot be reopened', whyNotWritable(output.name));
    case 'command':
      return limit(output.label, 'cannot be started', missing(SHELL));
    case 'users':
      return rootDirectory() === null ? null : limit(output.label, 'cannot be reached', missing('/dev/pts'));
    case 'forward':
      if (rootDirectory() !== null && !isNumeric(output.name))
        return limit(output.label, 'can no longer be resolved', missing('/etc/resolv.conf'));
      break;
  }
  return null;
}

function fileLimit(output: Output): string | null {
  const rotates = output.rotates === true;
  const unmade = whyNotMade(output.name);
  const fixed = rotates ? whyFixed(output.name) : null;
  const cannot = rotates ? 'can be neither recreated nor rotated' : 'cannot be recreated';
  if (unmade !== null) return limit(output.label, `stays open but ${cannot}`, unmade);
  if (fixed !== null) return limit(output.label, 'stays open but cannot be rotated', fixed);
  return limit(output.label, 'stays open but cannot be reopened', whyNotWritable(output.name));
}

/** @returns why a path, relative to the daemon's root directory, cannot be used */
function missing(path: string): string | null {
  const root = rootDirectory();
  try {
    accessSync(path);
    return null;
  } catch (error) {
    return root === null ? errorText(error) : `no ${path} in "${root}"`;
  }
}

/** @param target `@host`, `@host:port` or `@[v6]:port` */
function isNumeric(target: string): boolean {
  const host = target.replace(/^@/, '').replace(/^\[(.*)\](?::\d+)?$/, '$1');
  return isIP(host) !== 0 || isIP(host.replace(/:\d+$/, '')) !== 0;
}

/** Unread data in a pipe is found through /proc. */
function processesLimit(outputs: readonly Output[]): string | null {
  if (!outputs.some(({ kind }) => kind === 'fifo' || kind === 'command')) return null;
  return limit(
    'messages left unread by a command or the reader of a FIFO',
    'cannot be counted',
    missing('/proc/self/fd'),
  );
}
