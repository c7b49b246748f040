/**
 * All kinds of input, in the order in which they are opened and shown.
 *
 * To add one: write its room below src/input, which turns bytes into rows of the batch and implements {@link Input};
 * then one entry here. Where the configuration names its places, {@link InputsByPlace} exchanges them at reload. The
 * compiler then asks for its name in {@link InputKind}, and, where a restart hands its sockets over, for its
 * {@link SocketRecord}.
 */
import type { GroupParts, InputGroup } from './input-group.ts';
import { KernelInput } from './kernel-input.ts';
import { LogSockets } from './log-sockets.ts';
import { NetworkInputs } from './network-inputs.ts';

export interface InputKinds {
  readonly kernel: KernelInput;
  readonly network: NetworkInputs;
  /** The two above included. */
  readonly all: readonly InputGroup[];
}

/** Opens nothing yet. */
export function createInputKinds(parts: GroupParts): InputKinds {
  const kernel = new KernelInput(parts);
  const network = new NetworkInputs(parts);
  return { kernel, network, all: [new LogSockets(parts), kernel, network] };
}
