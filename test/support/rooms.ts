/**
 * The rooms of src: their ranks and their doors. docs/design.md shows the same table for people.
 *
 * A file imports from rooms of lower rank, from its own room and from the rooms inside it; and a room inside another
 * imports the contract of that one. From any other room it imports only doors.
 */

export interface Room {
  /** Lower rooms know nothing of higher ones, nor of others of the same rank. */
  readonly rank: number;
  /** Files that other rooms may import, the front door first; `all`: a shelf, each file of which stands alone. */
  readonly doors: readonly string[] | 'all';
  /** Doors that the rooms inside this one may also import. */
  readonly contract?: readonly string[];
}

export const ROOMS: Readonly<Record<string, Room>> = {
  protocol: { rank: 0, doors: 'all' },

  'sys/call': { rank: 0.1, doors: 'all' },
  'sys/print': { rank: 0.2, doors: 'all' },
  'sys/file': {
    rank: 0.3,
    doors: ['spot', 'foreign', 'open-safely', 'path-access', 'path-watch', 'fifo', 'record-lock'],
  },
  'sys/socket': {
    rank: 0.4,
    doors: [
      ...['sockets', 'sockaddr', 'recv-batch', 'send-vector', 'socket-file', 'socket-owner', 'listen-socket'],
      ...['passed-socket', 'served-socket', 'notify-socket', 'unix-dgram', 'proc-table'],
    ],
  },
  'sys/sending': { rank: 0.4, doors: 'all' },
  'sys/link': { rank: 0.5, doors: ['link', 'open-link'] },
  'sys/process': { rank: 0.5, doors: 'all' },
  'sys/machine': { rank: 0.5, doors: 'all' },

  'dgram-parser/columns': { rank: 1, doors: ['batch', 'byte-block', 'row-copy'] },
  'dgram-parser/header': { rank: 1.1, doors: ['header-reader', 'common-header', 'tag-scan', 'host-words'] },
  'dgram-parser/time': { rank: 1.2, doors: ['reader', 'iso-time', 'fields'] },
  'dgram-parser/structured': { rank: 1.3, doors: ['rfc5424', 'structured-data', 'sd-scan'] },
  'dgram-parser': { rank: 1.4, doors: ['parser', 'sanitize'] },

  'conf/words': { rank: 2.1, doors: 'all' },
  'conf/regex': { rank: 2.1, doors: ['posix-regex'] },
  'conf/statement': { rank: 2.2, doors: ['actions', 'blocks', 'directives', 'foreign', 'options', 'selectors'] },
  conf: {
    rank: 2.3,
    doors: ['parse', 'config', 'file-source', 'config-line', 'logical-lines', 'problems'],
    contract: ['config', 'config-line', 'logical-lines', 'problems'],
  },

  'format/bytes': { rank: 2.1, doors: 'all' },
  'format/traditional': { rank: 2.2, doors: ['traditional', 'iso', 'forward'] },
  'format/json': { rank: 2.3, doors: ['json'] },
  'format/rfc5424': { rank: 2.3, doors: ['rfc5424', 'rfc5424-forward'] },
  format: { rank: 2.4, doors: ['create-format', 'record-format'], contract: ['record-format'] },

  queue: { rank: 2, doors: ['line-queue', 'chunk-pool'] },

  process: { rank: 2, doors: ['pid-file', 'privileges', 'signals', 'service-manager', 'orphans'] },
  'process/context': { rank: 2.1, doors: ['context'] },

  'client/message': { rank: 2, doors: 'all' },
  'client/send': { rank: 2.1, doors: ['sender', 'losses', 'last-resort'] },
  'client/adapter': { rank: 2.1, doors: ['fields'] },
  client: { rank: 2.2, doors: ['index', 'options'] },
  'client/pino': { rank: 2.3, doors: [] },
  'client/winston': { rank: 2.3, doors: [] },

  route: { rank: 3, doors: ['compile', 'match', 'route-table', 'property', 'hash'] },
  'route/explain': { rank: 3.1, doors: ['explain', 'source', 'reasons'] },
  repeat: { rank: 3, doors: ['repeat-state', 'summary'] },

  'input/sender': { rank: 4.1, doors: ['peers', 'reverse-dns', 'allow-list', 'allow-rule', 'address-words'] },
  'input/kernel': { rank: 4.2, doors: ['kernel-log', 'kernel-cache'] },
  'input/datagram/batch': { rank: 4.2, doors: ['openers', 'adopter'] },
  'input/datagram/portable': { rank: 4.2, doors: ['portable-log-socket', 'portable-udp', 'adopter'] },
  'input/datagram': { rank: 4.3, doors: ['udp', 'log-socket', 'passed-input', 'inherited-sockets'] },
  input: {
    rank: 4.4,
    doors: [
      'input',
      'input-opener',
      'receivers',
      'transport',
      'shared-socket',
      'own-rows',
      'batch-clock',
      'cut-watch',
      'loss-watch',
      'refuse-rows',
    ],
    contract: ['input', 'transport', 'shared-socket', 'batch-clock', 'cut-watch', 'loss-watch', 'refuse-rows'],
  },

  'output/target': { rank: 4.1, doors: 'all' },
  'output/rotation': { rank: 4.2, doors: ['rotating-file', 'rotations', 'calendar', 'clock', 'compressor'] },
  'output/file': { rank: 4.3, doors: ['line-output', 'write-gate'] },
  'output/pipe': { rank: 4.3, doors: ['fifo-output', 'command-output', 'fifo-path', 'made-fifos'] },
  'output/terminal': { rank: 4.3, doors: ['user-output', 'terminal-text'] },
  'output/forward': {
    rank: 4.3,
    doors: [
      ...['forward-output', 'target-addresses', 'host-lookup', 'payload'],
      ...['udp-link', 'native-udp-link', 'portable-udp-link'],
    ],
  },
  output: {
    rank: 4.4,
    doors: [
      'output',
      'foresee-open',
      'services',
      'life',
      'loss-account',
      'queued-output',
      'recovery-hold',
      'succession',
      'thread-gate',
      'within',
    ],
    contract: [
      ...['output', 'queued-output', 'services', 'life', 'loss-account', 'recovery-hold', 'succession'],
      ...['thread-gate', 'within'],
    ],
  },

  'engine/settings': { rank: 5, doors: 'all' },
  'engine/outputs': {
    rank: 5.1,
    doors: [
      ...['output-set', 'create-output-set', 'destination', 'record-writer', 'destination-key', 'host-labels'],
      ...['reload-order', 'foresee'],
    ],
  },
  engine: {
    rank: 5.2,
    doors: ['pipeline', 'start-outputs', 'exchange-outputs', 'close-outputs', 'self-log', 'marks', 'trace'],
  },
  'engine/inputs': { rank: 5.3, doors: ['input-set', 'inherited', 'network-notice'] },
  'engine/statistics': { rank: 5.4, doors: ['statistics', 'document', 'status-line'] },

  control: { rank: 6, doors: ['control', 'commands', 'protocol'] },
  handover: { rank: 6.1, doors: ['restart', 'take-over', 'predecessor'] },
  daemon: { rank: 7, doors: ['daemon', 'pid-file-keeper'] },

  'cli/command-line': { rank: 8, doors: 'all' },
  'cli/tsyslogd': { rank: 8.1, doors: ['process', 'options'] },
  'cli/tsyslogctl': { rank: 8.2, doors: ['process'] },
  'cli/tlogger/message': { rank: 8.2, doors: 'all' },
  'cli/tlogger/options': { rank: 8.21, doors: ['settings', 'usage'] },
  'cli/tlogger/transport': {
    rank: 8.2,
    doors: ['choose-network', 'connection', 'sender'],
  },
  'cli/tlogger': {
    rank: 8.2,
    doors: ['process', 'failure', 'surroundings'],
    contract: ['failure', 'surroundings'],
  },
  cli: { rank: 8.3, doors: [] },
};

/** A room with more files should be divided. */
export const ROOM_FILES_MAX = 15;
