/**
 * A program for private networks: a name server on 127.0.0.1, or a sender of datagrams from chosen addresses. Prints
 * `ready`, or `sent`.
 *
 *   serve LINE…                      answers questions as {@link NameTable} says, see {@link tableLines}
 *   send PORT ADDRESS DATAGRAM …     sends one datagram to 127.0.0.1 from each address
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';

export interface NameTable {
  /** Names by address; null: never answered. Other addresses do not exist. */
  readonly ptr: Readonly<Record<string, string | null>>;
  /** Addresses by name. */
  readonly a: Readonly<Record<string, readonly string[]>>;
}

/** @returns the table as arguments: `ptr ADDRESS NAME`, `ptr ADDRESS` if it is never answered, `a NAME ADDRESS…` */
export function tableLines({ ptr, a }: NameTable): readonly string[] {
  return [
    ...Object.entries(ptr).map(([address, name]) => `ptr ${address}${name === null ? '' : ` ${name}`}`),
    ...Object.entries(a).map(([name, addresses]) => ['a', name, ...addresses].join(' ')),
  ];
}

function tableOf(lines: readonly string[]): NameTable {
  const ptr: Record<string, string | null> = {};
  const a: Record<string, readonly string[]> = {};
  for (const line of lines) {
    const [kind, key = '', ...values] = line.split(' ');
    if (kind === 'ptr') ptr[key] = values[0] ?? null;
    else a[key] = values;
  }
  return { ptr, a };
}

const TYPE_A = 1;
const HEADER_BYTES = 12;

/** @returns the name in the question, and the offset after it */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** @returns the data of the records; null: no answer at all */
function find(table: NameTable, name: string, type: number): readonly Buffer[] | null {
  if (type === TYPE_A) return (table.a[name] ?? []).map((address) => Buffer.from(address.split('.').map(Number)));
  const address = name
    .replace(/\.in-addr\.arpa$/, '')
    .split('.')
    .toReversed()
    .join('.');
  const found = table.ptr[address];
  if (found === null) return null;
  return found === undefined ? [] : [nameBytes(found)];
}

/** Source: RFC 1035 §4.1 */
function answerTo(query: Buffer, table: NameTable): Buffer | null {
  const { name, end } = questionOf(query);
  const type = query.readUInt16BE(end);
  const found = find(table, name, type);
  if (found === null) return null;
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(found.length === 0 ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(found.length, 6);
  header.writeUInt32BE(0, 8);
  const records = found.flatMap((data) => {
    const head = Buffer.from([0xc0, HEADER_BYTES, 0, 0, 0, 1, 0, 0, 0, 60, 0, 0]);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(data.length, 10);
    return [head, data];
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), ...records]);
}

async function serve(table: NameTable): Promise<void> {
  const server = createSocket('udp4');
  server.on('message', (query: Buffer, { port, address }: RemoteInfo) => {
    const answer = answerTo(query, table);
    if (answer !== null) server.send(answer, port, address);
  });
  server.bind(53, '127.0.0.1');
  await once(server, 'listening');
  process.stdout.write('ready\n');
}

async function send(port: number, pairs: readonly string[]): Promise<void> {
  for (let idx = 0; idx < pairs.length; idx += 2) {
    const [address, datagram = ''] = pairs.slice(idx, idx + 2);
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    await new Promise((resolve) => {
      socket.send(datagram, port, '127.0.0.1', resolve);
    });
    socket.close();
  }
  process.stdout.write('sent\n');
}

const [mode, ...args] = process.argv.slice(2);
if (mode === 'serve') await serve(tableOf(args));
else if (mode === 'send') await send(Number(args[0]), args.slice(1));
