/**
 * Brings a daemon up, from its command line to the point where everything is open and nothing is received yet; and
 * undoes that.
 */
import { formatProblem } from '../conf/config.ts';
import { closeOutputs } from '../engine/close-outputs.ts';
import type { Inherited } from '../engine/inputs/inherited.ts';
import { DEFAULT_CONFIG_FILE, type Loaded, loadConfiguration } from '../engine/settings/load-configuration.ts';
import { withoutForbidden } from '../engine/settings/secure-mode.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import { startOutputs } from '../engine/start-outputs.ts';
import { adoptFifos, type TakeOver } from '../handover/take-over.ts';
import { chooseReceiver } from '../input/receivers.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { stopYoungGrowth } from '../sys/process/collect-garbage.ts';
import { loadLatePackages } from '../sys/process/late-packages.ts';
import { createState, type DaemonState } from './state.ts';

/** Limit for writing what was received or reported, if the daemon could not start. */
const GIVE_UP_MS = 1000;

/** What a daemon starts with. */
export interface Origin {
  readonly settings: DaemonSettings;
  readonly inherited: Inherited;
  /** Null: not started by a running daemon. */
  readonly takeOver: TakeOver | null;
}

/** Everything is open. */
export interface BroughtUp {
  readonly state: DaemonState;
  readonly loaded: Loaded;
}

/**
 * Opens everything with the privileges that the process has: configuration, sockets, files. On failure nothing is left
 * behind.
 *
 * @throws ConfigFileError, SysError, InputError: the reason why the daemon cannot run
 */
export async function bringUp({ settings, inherited, takeOver }: Origin): Promise<BroughtUp> {
  stopYoungGrowth();
  if (settings.rootDirectory !== null) loadLatePackages();
  const loaded = loadConfiguration(settings);
  takeOver?.check(loaded);
  chooseReceiver(settings.receiver);
  const state = createState(settings, loaded, inherited, takeOver?.pid);
  try {
    const fifos = await takeOver?.begin(state.inputs);
    await openAll(state, loaded, settings.secureMode);
    if (fifos !== undefined) adoptFifos(state.outputs.fifos, fifos);
    return { state, loaded };
  } catch (error) {
    await giveUp(state, takeOver);
    throw error;
  }
}

/** Closes everything and leaves nothing behind; what another process handed over is left alone. */
export async function giveUp(state: DaemonState, takeOver: TakeOver | null): Promise<void> {
  const { marks, inputs, selfLog } = state;
  marks.stop();
  if (takeOver === null) inputs.close();
  else takeOver.giveBack(inputs.abandon());
  selfLog.flush();
  // Whoever started the daemon gets one line: why it does not run.
  await closeOutputs(state, performance.now() + GIVE_UP_MS, false);
  if (takeOver === null) state.dispose();
  else state.abandon();
}

/** The inputs are open. */
async function openAll(state: DaemonState, loaded: Loaded, secureMode: number | null): Promise<void> {
  const { selfLog, control } = state;
  // There is no log yet, and whoever started the daemon is watching: all problems also go to stderr.
  selfLog.echo = true;
  await control.open();
  if (loaded.builtIn)
    selfLog.report(
      SEVERITY.warning,
      `${DEFAULT_CONFIG_FILE} is missing: errors go to the console and emergencies to everybody`,
    );
  for (const problem of loaded.problems) selfLog.report(SEVERITY.err, formatProblem(problem));
  const configuration = withoutForbidden(loaded.configuration, secureMode, (problem) =>
    selfLog.report(SEVERITY.warning, formatProblem(problem)),
  );
  await startOutputs(state, configuration);
  control.loaded(loaded, 1);
}
