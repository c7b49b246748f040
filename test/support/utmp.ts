/**
 * Entries of utmp(5), written by hand: offsets as a C compiler lays them out.
 */
export interface UtmpEntry {
  /** 7: a user session. */
  readonly type: number;
  readonly user: string;
  readonly line: string;
}

/** struct utmp of 384 bytes (x86-64) or 400. */
export function utmpEntry({ type, user, line }: UtmpEntry, size = process.arch === 'x64' ? 384 : 400): Buffer {
  const entry = Buffer.alloc(size);
  entry.writeInt16LE(type, 0);
  entry.writeInt32LE(4711, 4);
  entry.write(line, 8, 32, 'latin1');
  entry.write('ts/3', 40, 4, 'latin1');
  entry.write(user, 44, 32, 'latin1');
  entry.write('192.0.2.1', 76, 256, 'latin1');
  return entry;
}
