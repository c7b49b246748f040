/**
 * The options `owner=` and `group=`: the owner of files that the daemon creates.
 *
 * Names are looked up in /etc/passwd and /etc/group, without the network databases that getpwnam(3) may query, which
 * may take their time. Numbers always work. Source: passwd(5), group(5).
 */
import { type FileHandle, readFile } from 'node:fs/promises';
import { SEVERITY } from '../../protocol/priority.ts';
import { findId } from '../../sys/process/accounts.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { Report } from '../output.ts';

const PASSWD = '/etc/passwd';
const GROUP = '/etc/group';

export interface FileOwner {
  /** Name or number; null: the system's choice for a new file. */
  readonly owner: string | null;
  readonly group: string | null;
}

/** -1: leave unchanged, as for chown(2). */
async function lookUp(file: string, what: string, name: string | null): Promise<number> {
  if (name === null) return -1;
  const id = findId(await readFile(file, 'utf8').catch(() => ''), name);
  if (id === null) throw new Error(`no such ${what} in ${file}: "${name}"`);
  return id;
}

/** @returns why one of them cannot be found, or null */
export async function whyNoOwner({ owner, group }: FileOwner): Promise<string | null> {
  try {
    await lookUp(PASSWD, 'user', owner);
    await lookUp(GROUP, 'group', group);
    return null;
  } catch (error) {
    return errorText(error);
  }
}

/** Applies the options for one output; a failure is reported once and changes nothing else. */
export class OwnerSetter {
  readonly #owner: FileOwner;
  readonly #label: string;
  readonly #report: Report;
  #told = false;

  constructor(owner: FileOwner, label: string, report: Report) {
    this.#owner = owner;
    this.#label = label;
    this.#report = report;
  }

  /** To be called with a newly created file. */
  readonly give = async (handle: FileHandle): Promise<void> => {
    const { owner, group } = this.#owner;
    if (owner === null && group === null) return;
    try {
      await handle.chown(await lookUp(PASSWD, 'user', owner), await lookUp(GROUP, 'group', group));
    } catch (error) {
      this.complain(error);
    }
  };

  readonly complain = (error: unknown): void => {
    if (this.#told) return;
    this.#told = true;
    this.#report(SEVERITY.warning, `cannot set the owner of ${this.#label}: ${errorText(error)}`);
  };
}
