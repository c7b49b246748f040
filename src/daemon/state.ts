/**
 * All mutable state of a daemon, created here and passed down.
 */
import { Control } from '../control/control.ts';
import { Batch } from '../dgram-parser/columns/batch.ts';
import { DatagramParser } from '../dgram-parser/parser.ts';
import { type Inherited, NOTHING_INHERITED } from '../engine/inputs/inherited.ts';
import { InputSet } from '../engine/inputs/input-set.ts';
import { NetworkNotice } from '../engine/inputs/network-notice.ts';
import { Marks } from '../engine/marks.ts';
import { createOutputSet } from '../engine/outputs/create-output-set.ts';
import { HostLabels } from '../engine/outputs/host-labels.ts';
import type { OutputSet } from '../engine/outputs/output-set.ts';
import { Pipeline } from '../engine/pipeline.ts';
import { SelfLog } from '../engine/self-log.ts';
import type { Loaded } from '../engine/settings/load-configuration.ts';
import { readMachineZone } from '../engine/settings/machine-zone.ts';
import { ownPlaceFinder } from '../engine/settings/own-places.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import { Statistics } from '../engine/statistics/statistics.ts';
import { chooseReceiver } from '../input/receivers.ts';
import { Peers } from '../input/sender/peers.ts';
import { ReverseDns } from '../input/sender/reverse-dns.ts';
import { RotationClock } from '../output/rotation/clock.ts';
import type { RotationCompressor } from '../output/rotation/compressor.ts';
import { createRotations } from '../output/rotation/rotations.ts';
import { MEMORY_DEFAULT_BYTES, MESSAGE_DEFAULT_BYTES } from '../protocol/limits.ts';
import { LocalZone } from '../protocol/local-zone.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { ChunkPool } from '../queue/chunk-pool.ts';
import { rootDirectory } from '../sys/call/root-directory.ts';
import { PathWatcher } from '../sys/file/path-watch.ts';
import { type HostNames, readHostNames } from '../sys/machine/host.ts';
import { isStderrJournal } from '../sys/print/journal-stream.ts';

/** Datagrams of one batch. perf: bench/compare */
const BATCH_ROWS = 256;
/** Largest block of slots; fewer rows if messages may be long. */
const BATCH_SLOTS_BYTES = 4 * 1024 * 1024;

/**
 * Creates everything and binds the inputs, which receive nothing before {@link InputSet.resume}.
 *
 * @param predecessor pid of the process that this one takes over from; null: none
 * @throws SysError, InputError: a log socket cannot be created, or this platform has no receiver
 */
export function createState(
  settings: DaemonSettings,
  loaded: Loaded,
  inherited: Inherited = NOTHING_INHERITED,
  predecessor: number | null = null,
): DaemonState {
  const state = new DaemonState(settings, loaded, inherited);
  try {
    state.openInputs(inherited, predecessor);
    return state;
  } catch (error) {
    state.abandon();
    throw error;
  }
}

export class DaemonState {
  readonly selfLog: SelfLog;
  readonly pipeline: Pipeline;
  readonly inputs = new InputSet();
  readonly outputs: OutputSet;
  readonly marks: Marks;
  readonly control: Control;
  readonly compressor: RotationCompressor;
  readonly network: NetworkNotice;
  readonly #settings: DaemonSettings;
  readonly #loaded: Loaded;
  readonly #messageBytes: number;
  readonly #watcher = new PathWatcher();
  readonly #zone = new LocalZone(readMachineZone);
  readonly #peers: Peers;
  readonly #labels: HostLabels;
  readonly #pool: ChunkPool;

  constructor(settings: DaemonSettings, loaded: Loaded, inherited: Inherited) {
    const { directives } = loaded.configuration;
    this.#settings = settings;
    this.#loaded = loaded;
    this.#messageBytes = directives.maxMessageBytes ?? MESSAGE_DEFAULT_BYTES;
    this.selfLog = createSelfLog(settings);
    const rotations = createRotations(this.selfLog.report, new RotationClock(Date.now, this.#zone));
    this.compressor = rotations.compressor;
    // Until the daemon serves, the root directory may still change.
    this.compressor.pause();
    const hostNames = readHostNames();
    this.#peers = new Peers({ hostNames, reverse: settings.resolveNames ? new ReverseDns() : null });
    this.#labels = new HostLabels(hostNames.short, this.#peers);
    this.#pool = new ChunkPool(directives.memoryBytes ?? MEMORY_DEFAULT_BYTES);
    this.pipeline = new Pipeline(new DatagramParser(settings, this.#peers, this.#zone), this.#labels, this.inputs);
    this.outputs = createOutputSet(settings, {
      services: {
        pool: this.#pool,
        watcher: this.#watcher,
        rotations,
        report: this.selfLog.report,
        progressed: () => this.pipeline.progressed(),
      },
      labels: this.#labels,
      peers: this.#peers,
      ownPlace: ownPlaceFinder(() => this.inputs.network().flatMap((input) => input.places)),
      messageBytes: this.#messageBytes,
    });
    this.network = new NetworkNotice(this.inputs, this.pipeline, this.selfLog.report);
    this.control = this.#createControl(inherited);
    this.marks = new Marks(this.pipeline, this.selfLog, settings.markMinutes);
  }

  /** Called once. @throws SysError, InputError */
  openInputs(inherited: Inherited, predecessor: number | null): void {
    this.inputs.open({
      settings: this.#settings,
      directives: this.#loaded.configuration.directives,
      batch: new Batch(batchRows(this.#messageBytes), this.#messageBytes),
      peers: this.#peers,
      zone: this.#zone,
      watcher: this.#watcher,
      pipeline: this.pipeline,
      selfLog: this.selfLog,
      inherited,
      predecessor,
      listening: this.network.listening,
    });
  }

  /** A new configuration is in force: applies its inputs and memory, and picks up changes of the machine. */
  adopt({ configuration: { directives } }: Loaded): void {
    this.inputs.adopt(directives);
    this.#pool.budget.setLimit(directives.memoryBytes ?? MEMORY_DEFAULT_BYTES);
    this.network.adopted();
    this.#refreshMachine();
    const kept = this.#messageBytes;
    if ((directives.maxMessageBytes ?? MESSAGE_DEFAULT_BYTES) !== kept)
      this.selfLog.report(SEVERITY.notice, `max_message stays at ${kept} bytes until the daemon is restarted`);
  }

  /** Releases everything that is neither input nor output. */
  dispose(): void {
    this.control.close();
    this.compressor.pause();
    this.inputs.close();
    this.#peers.close();
    this.#watcher.close();
  }

  /** In place of dispose, if the previous process continues: leaves what it handed over alone. */
  abandon(): void {
    this.control.abandon();
    this.inputs.abandon();
    this.dispose();
  }

  /**
   * In its own root directory the process sees neither the machine's time zone nor its /etc/hosts: they stay as they
   * are.
   */
  #refreshMachine(): void {
    if (rootDirectory() !== null) return;
    this.#zone.reset();
    const names: HostNames = readHostNames();
    this.#labels.rename(names.short);
    this.#peers.renameLocal(names);
  }

  #createControl(inherited: Inherited): Control {
    const { pipeline, inputs, selfLog } = this;
    const statistics = new Statistics({
      inputs: () => inputs.all(),
      destinations: () => pipeline.routing.destinations,
      pipeline: pipeline.counters,
      selfLog,
    });
    pipeline.onActivity = statistics.touch;
    return new Control({
      settings: this.#settings,
      statistics,
      watcher: this.#watcher,
      report: selfLog.report,
      inherited,
    });
  }
}

function createSelfLog({ receiver }: DaemonSettings): SelfLog {
  // Without credentials the daemon could not recognize its own lines when the journal sends them back.
  const selfLog = new SelfLog(chooseReceiver(receiver) === 'batch' && isStderrJournal());
  // Whoever starts the daemon sees what cannot be opened.
  selfLog.echo = true;
  return selfLog;
}

function batchRows(messageBytes: number): number {
  return Math.max(16, Math.min(BATCH_ROWS, Math.floor(BATCH_SLOTS_BYTES / messageBytes)));
}
