/**
 * Opens log sockets and UDP sockets for the batch receiver with native calls.
 */
import {
  bindToDevice,
  bindUdp,
  bindUnix,
  closeSocket,
  createUdpSocket,
  createUnixSocket,
  interfaceIndex,
  isUnixSocketAlive,
  joinMulticast,
  localAddress,
  raiseReceiveBuffer,
  setDropCount,
  setOwnGroupsOnly,
  setPassCredentials,
  setReuseAddress,
  setV6Only,
} from '../../../sys/socket/sockets.ts';
import { BatchSocket } from './batch-socket.ts';
import { isMulticast, type LogSocketOpener, type UdpOpener, type UdpOpenRequest } from '../../transport.ts';

export const batchLogSocketOpener: LogSocketOpener = {
  open: (path, context, counters) => {
    const fd = createUnixSocket();
    try {
      // Before bind, so that no datagram arrives without credentials.
      setPassCredentials(fd, true);
      raiseReceiveBuffer(fd, context.receiveBufferBytes);
      bindUnix(fd, path);
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
    return {
      start: (paused) => new BatchSocket({ fd, kind: 'local', label: path, context, counters, paused }),
      discard: () => closeSocket(fd),
    };
  },
  isAlive: isUnixSocketAlive,
};

export const openBatchUdp: UdpOpener = (request, done) => {
  let fd = -1;
  try {
    fd = createUdpSocket(request.to.family);
    const address = bind(fd, request);
    const { label, context, counters, paused } = request;
    const transport = new BatchSocket({ fd, kind: 'network', label, context, counters, paused });
    done({ ok: true, transport, address });
  } catch (error) {
    if (fd !== -1) closeSocket(fd);
    done({ ok: false, error });
  }
};

function bind(fd: number, request: UdpOpenRequest): ReturnType<typeof localAddress> {
  const { to, iface } = request;
  const multicast = isMulticast(to);
  const ifIndex = iface === null ? 0 : interfaceIndex(iface);
  if (to.family === 6) setV6Only(fd, true);
  if (multicast) setReuseAddress(fd, true);
  setDropCount(fd, true);
  raiseReceiveBuffer(fd, request.context.receiveBufferBytes);
  if (iface !== null) bindToDevice(fd, iface);
  // The kernel ignores the scope of an address that needs none.
  bindUdp(fd, { ...to, scopeId: to.scopeId === 0 ? ifIndex : to.scopeId });
  if (multicast) joinMulticast(fd, to.family, to.address, ifIndex);
  // Otherwise datagrams of groups that other programs have joined would arrive too.
  if (multicast && to.family === 4) setOwnGroupsOnly(fd);
  return localAddress(fd);
}
