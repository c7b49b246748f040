/**
 * Whether this process runs in a container, where the kernel and its log are those of the machine outside.
 * Source: Docker, Podman; systemd.exec(5) and container interface of systemd for the variable.
 */
import { existsSync } from 'node:fs';

const MARKS: readonly string[] = ['/.dockerenv', '/run/.containerenv'];

/** @returns what says so, or null: in none, as far as can be seen. */
export function findContainer(env: NodeJS.ProcessEnv = process.env, marks = MARKS): string | null {
  const { container } = env;
  if (container !== undefined && container !== '') return `container=${container}`;
  return marks.find((path) => existsSync(path)) ?? null;
}
