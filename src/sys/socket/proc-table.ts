/**
 * Rows of the tables of sockets in /proc/net. Source: proc_net(5), proc_net_udp(5).
 *
 * The kernel gives out such a table a page at a time and counts rows in between: where another socket before a row is
 * closed meanwhile, that row is passed over. So what is not found is looked for again.
 */
import { readFileSync } from 'node:fs';

/** All of them must miss a row before it counts as missing. */
const LOOKS = 5;

export interface TableRow {
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Finds a row in the first table that has it.
 *
 * @param read for tests
 * @returns null where there is none, or no /proc
 */
export function findTableRow(
  tables: readonly string[],
  isWanted: (row: TableRow) => boolean,
  read: (table: string) => string = (table) => readFileSync(table, 'latin1'),
): TableRow | null {
  for (let look = 0; look < LOOKS; look++) {
    for (const table of tables) {
      const found = rowsOf(table, read).find(isWanted);
      if (found !== undefined) return found;
    }
  }
  return null;
}

function rowsOf(table: string, read: (table: string) => string): readonly TableRow[] {
  try {
    const lines = read(table).split('\n');
    return lines.map((line) => ({ table, columns: line.trim().split(/\s+/) }));
  } catch {
    return [];
  }
}
