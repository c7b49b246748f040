/**
 * Whether this process runs in a container, where the kernel and its log belong to the host. Source: Docker, Podman;
 * systemd.exec(5) and systemd's container interface for the variable.
 */
import { existsSync } from 'node:fs';

const MARKS: readonly string[] = ['/.dockerenv', '/run/.containerenv'];

/** @returns the mark that was found, or null: no container, as far as can be seen */
export function findContainer(env: NodeJS.ProcessEnv = process.env, marks = MARKS): string | null {
  const { container } = env;
  if (container !== undefined && container !== '') return `container=${container}`;
  return marks.find((path) => existsSync(path)) ?? null;
}
