/**
 * All kinds of input, in the order in which they are opened and shown.
 *
 * To add a kind, write a room below src/input that implements {@link Input} and turns bytes into rows of the batch, and
 * add one entry here. If the configuration names its places, {@link InputsByPlace} opens and closes them at reload. The
 * compiler then asks for its name in {@link InputKind} and, if a restart hands over its sockets, for its
 * {@link SocketRecord}.
 */
import type { GroupParts, InputGroup } from './input-group.ts';
import { KernelInput } from './kernel-input.ts';
import { LogSockets } from './log-sockets.ts';
import { NetworkInputs } from './network-inputs.ts';

export interface InputKinds {
  readonly kernel: KernelInput;
  readonly network: NetworkInputs;
  /** Including the two above. */
  readonly all: readonly InputGroup[];
}

/** Creates the groups; opens nothing. */
export function createInputKinds(parts: GroupParts): InputKinds {
  const kernel = new KernelInput(parts);
  const network = new NetworkInputs(parts);
  return { kernel, network, all: [new LogSockets(parts), kernel, network] };
}
