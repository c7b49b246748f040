/**
 * Programs that log through the client, each a file of its own, as those are that will use it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cleanUp } from './daemon.ts';
import { builtPath, projectPath } from './project.ts';

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;
  /** What it has printed so far. */
  readonly stdout: () => string;
}

export interface ProgramOptions {
  /** Where the packages are that it can load; default: all of the project. */
  readonly tree?: string;
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Where a module of the client is, in quotes, for an import. */
export function clientModule(name: 'index' | 'pino/pino' | 'winston/winston', tree = builtPath()): string {
  return JSON.stringify(pathToFileURL(`${tree}/src/client/${name}.js`).href);
}

/** Writes and starts a program; `dir` is where it lies. It is ended with the test. */
export function startProgram(context: TestContext, dir: string, text: string, options: ProgramOptions = {}): Program {
  const file = `${dir}/${options.name ?? 'program'}.mjs`;
  writeFileSync(file, text);
  const child = spawn(process.execPath, [file], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const ended = new Promise<ProgramEnd>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  cleanUp(context, async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, stdout: () => stdout };
}

/** Runs a program to its end. */
export function runProgram(
  context: TestContext,
  dir: string,
  text: string,
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  return startProgram(context, dir, text, options).ended;
}

/** A copy of the built sources in `dir` with some packages and no others. @returns its folder */
export function treeWith(dir: string, packages: readonly string[]): string {
  cpSync(builtPath('src'), `${dir}/src`, { recursive: true });
  writeFileSync(`${dir}/package.json`, '{ "type": "module" }');
  for (const name of packages)
    cpSync(projectPath('node_modules', name), `${dir}/node_modules/${name}`, { recursive: true });
  return dir;
}

/** Makes the packages of the project known to programs in `dir`. */
export function linkPackages(dir: string): void {
  symlinkSync(projectPath('node_modules'), `${dir}/node_modules`);
}
