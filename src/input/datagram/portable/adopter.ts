/**
 * Takes over open sockets for the portable receiver: UDP with node:dgram. Unix datagram sockets are refused, since
 * unix-dgram cannot use an open descriptor.
 */
import { InputError } from '../../input.ts';
import { adoptPortableUdp } from './portable-udp.ts';
import type { SocketAdopter } from '../../transport.ts';

export const portableAdopter: SocketAdopter = {
  adoptLogSocket: (_fd, label) => {
    throw new InputError(
      `cannot use log socket "${label}" from the service manager: the portable receiver cannot take over open Unix sockets: use \`--receiver batch\``,
    );
  },
  adoptUdp: adoptPortableUdp,
};
