/**
 * All mutable state of a daemon, created here and passed down.
 */
import { Batch } from '../dgram-parser/columns/batch.ts';
import { DatagramParser } from '../dgram-parser/parser.ts';
import { FormatSet } from '../format/create-format.ts';
import { chooseReceiver } from '../input/receivers.ts';
import { Peers } from '../input/sender/peers.ts';
import { ReverseDns } from '../input/sender/reverse-dns.ts';
import { ChunkPool } from '../queue/chunk-pool.ts';
import { QueuedLookup } from '../output/forward/host-lookup.ts';
import { openNativeLink } from '../output/forward/native-udp-link.ts';
import { openPortableLink } from '../output/forward/portable-udp-link.ts';
import type { FileOwner } from '../output/target/file-owner.ts';
import type { RotationCompressor } from '../output/rotation/compressor.ts';
import { createRotations, type Rotations } from '../output/rotation/rotations.ts';
import { ThreadGate } from '../output/thread-gate.ts';
import { WriteGate } from '../output/file/write-gate.ts';
import { LocalZone } from '../protocol/local-zone.ts';
import { RotationClock } from '../output/rotation/clock.ts';
import { readMachineZone } from '../engine/settings/machine-zone.ts';
import { MEMORY_DEFAULT_BYTES, MESSAGE_DEFAULT_BYTES } from '../protocol/limits.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { findGroup, findUser } from '../sys/process/accounts.ts';
import { readHostNames } from '../sys/machine/host.ts';
import { isStderrJournal } from '../sys/print/journal-stream.ts';
import { nativeAvailable } from '../sys/call/native.ts';
import { PathWatcher } from '../sys/file/path-watch.ts';
import { rootDirectory } from '../sys/call/root-directory.ts';
import type { ForwardSetup } from '../engine/outputs/create-output.ts';
import { Control } from '../control/control.ts';
import { HostLabels } from '../engine/outputs/host-labels.ts';
import { type Inherited, NOTHING_INHERITED, takeInherited } from '../engine/inputs/inherited.ts';
import { InputSet } from '../engine/inputs/input-set.ts';
import type { Loaded } from '../engine/settings/load-configuration.ts';
import { Marks } from '../engine/marks.ts';
import { NetworkNotice } from '../engine/inputs/network-notice.ts';
import { OutputSet } from '../engine/outputs/output-set.ts';
import { ownPlaceFinder } from '../engine/settings/own-places.ts';
import { Pipeline } from '../engine/pipeline.ts';
import { SelfLog } from '../engine/self-log.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import { Statistics } from '../engine/statistics/statistics.ts';

/** Datagrams of one batch. perf: bench/compare */
const BATCH_ROWS = 256;
/** Largest block of slots; fewer rows where messages may be long. */
const BATCH_SLOTS_BYTES = 4 * 1024 * 1024;

export interface DaemonState {
  readonly selfLog: SelfLog;
  readonly pipeline: Pipeline;
  readonly inputs: InputSet;
  readonly outputs: OutputSet;
  readonly marks: Marks;
  readonly control: Control;
  readonly compressor: RotationCompressor;
  readonly network: NetworkNotice;
  /** A new configuration is in force: what it says of inputs, and what may have changed on the machine. */
  adopt(loaded: Loaded): void;
  /** Lets go of everything that is neither input nor output. */
  dispose(): void;
  /** Instead, where the process before this one goes on: nothing of what it handed over is touched. */
  abandon(): void;
}

/** As many as the pool has threads: more would not be faster, and take descriptors. */
const OPENING_MAX = 16;

/** Native calls send many datagrams at once; without them, or where the portable set-up is asked for, Node's own do. */
function forwardSetup(settings: DaemonSettings, gate: ThreadGate, inputs: InputSet): ForwardSetup {
  const { allAddresses, family, udpSizeBytes, receiver } = settings;
  const openLink = receiver !== 'portable' && nativeAvailable().ok ? openNativeLink : openPortableLink;
  const ownPlace = ownPlaceFinder(() => inputs.network().flatMap((input) => input.places));
  return { lookup: new QueuedLookup(gate), openLink, ownPlace, allAddresses, family, udpSizeBytes };
}

/** In a root directory of its own the process does not see the machine's zone: it stays what it was. */
function refreshZone(zone: LocalZone): void {
  if (rootDirectory() === null) zone.reset();
}

/** A file that is made before privileges are given up belongs to whom it would belong to afterwards. */
function fileOwner({ user, group }: DaemonSettings): FileOwner {
  const account = user === null ? null : findUser(user);
  const gid = group === null ? (account?.gid ?? null) : findGroup(group);
  return { owner: account === null ? null : String(account.uid), group: gid === null ? null : String(gid) };
}

/** In a root directory of its own the process does not see the machine's /etc/hosts: names stay. */
function refreshNames(labels: HostLabels, peers: Peers): void {
  if (rootDirectory() !== null) return;
  const names = readHostNames();
  labels.rename(names.short);
  peers.renameLocal(names);
}

function batchRows(messageBytes: number): number {
  return Math.max(16, Math.min(BATCH_ROWS, Math.floor(BATCH_SLOTS_BYTES / messageBytes)));
}

interface OutputNeeds {
  readonly labels: HostLabels;
  readonly peers: Peers;
  readonly pipeline: Pipeline;
  readonly watcher: PathWatcher;
  readonly rotations: Rotations;
  readonly selfLog: SelfLog;
  readonly pool: ChunkPool;
  readonly inputs: InputSet;
}

function createOutputs(settings: DaemonSettings, messageBytes: number, needs: OutputNeeds): OutputSet {
  const { labels, peers, pipeline, watcher, rotations, selfLog, pool, inputs } = needs;
  const gate = new ThreadGate();
  const pacing = { pool, gate, opens: new ThreadGate(OPENING_MAX), writes: new WriteGate() };
  return new OutputSet(
    {
      ...pacing,
      watcher,
      rotations,
      report: selfLog.report,
      progressed: () => pipeline.progressed(),
    },
    {
      noRepeats: settings.noRepeats,
      messageBytes: Math.max(messageBytes, MESSAGE_DEFAULT_BYTES),
      rotate: settings.rotate,
      forward: forwardSetup(settings, gate, inputs),
      owner: fileOwner(settings),
    },
    labels,
    new FormatSet({
      keep8bit: settings.keep8bit,
      peers: { address: (peer) => peers.describe(peer)?.address ?? null },
    }),
  );
}

interface ControlNeeds {
  readonly inputs: InputSet;
  readonly pipeline: Pipeline;
  readonly watcher: PathWatcher;
  readonly selfLog: SelfLog;
}

function createControl(settings: DaemonSettings, inherited: Inherited, needs: ControlNeeds): Control {
  const { inputs, pipeline, watcher, selfLog } = needs;
  const statistics = new Statistics({
    inputs: () => inputs.all(),
    destinations: () => pipeline.routing.destinations,
    pipeline: pipeline.counters,
    selfLog,
  });
  pipeline.onActivity = statistics.touch;
  return new Control({
    settings,
    statistics,
    watcher,
    report: selfLog.report,
    inheritedFd: takeInherited(inherited.control, settings.controlSocket),
    inheritedPipeFd: takeInherited(inherited.controlPipe, settings.controlPipe),
  });
}

/**
 * Creates everything and binds the inputs; they receive nothing before {@link InputSet.resume}.
 *
 * @throws SysError, InputError: a log socket cannot be made, or there is no receiver for this platform
 */
export function createState(
  settings: DaemonSettings,
  loaded: Loaded,
  inherited: Inherited = NOTHING_INHERITED,
  predecessor: number | null = null,
): DaemonState {
  const { directives } = loaded.configuration;
  const messageBytes = directives.maxMessageBytes ?? MESSAGE_DEFAULT_BYTES;
  const hostNames = readHostNames();
  // Without credentials what comes back from the journal could not be told.
  const selfLog = new SelfLog(chooseReceiver(settings.receiver) === 'batch' && isStderrJournal());
  // What cannot be opened is told to whoever starts the daemon.
  selfLog.echo = true;
  const watcher = new PathWatcher();
  const zone = new LocalZone(readMachineZone);
  const rotations = createRotations(selfLog.report, new RotationClock(Date.now, zone));
  // Until the daemon serves: the root directory may still change.
  rotations.compressor.pause();
  const peers = new Peers({ hostNames, reverse: settings.resolveNames ? new ReverseDns() : null });
  const labels = new HostLabels(hostNames.short, peers);
  const batch = new Batch(batchRows(messageBytes), messageBytes);
  const inputs = new InputSet();
  const pipeline = new Pipeline(new DatagramParser(settings, peers, zone), labels, inputs);
  const pool = new ChunkPool(directives.memoryBytes ?? MEMORY_DEFAULT_BYTES);
  const needs = { labels, peers, pipeline, watcher, rotations, selfLog, pool, inputs };
  const outputs = createOutputs(settings, messageBytes, needs);
  const network = new NetworkNotice(inputs, pipeline, selfLog.report);
  const adopt = ({ configuration }: Loaded): void => {
    inputs.adopt(configuration.directives);
    pool.budget.setLimit(configuration.directives.memoryBytes ?? MEMORY_DEFAULT_BYTES);
    network.adopted();
    refreshZone(zone);
    refreshNames(labels, peers);
    const wantedBytes = configuration.directives.maxMessageBytes ?? MESSAGE_DEFAULT_BYTES;
    if (wantedBytes !== messageBytes)
      selfLog.report(SEVERITY.notice, `max_message stays at ${messageBytes} bytes until the daemon is started anew`);
  };
  const control = createControl(settings, inherited, { inputs, pipeline, watcher, selfLog });
  const dispose = (): void => {
    control.close();
    rotations.compressor.pause();
    inputs.close();
    peers.close();
    watcher.close();
  };
  const abandon = (): void => {
    control.abandon();
    inputs.abandon();
    dispose();
  };
  try {
    const parts = { settings, directives, batch, peers, zone, watcher, pipeline, selfLog };
    inputs.open({ ...parts, inherited, predecessor, listening: network.listening });
  } catch (error) {
    abandon();
    throw error;
  }
  const marks = new Marks(pipeline, selfLog, settings.markMinutes);
  const { compressor } = rotations;
  return { selfLog, pipeline, inputs, outputs, marks, control, compressor, network, adopt, dispose, abandon };
}
