/**
 * Takes over open sockets for the batch receiver, from a service manager or from the previous process. They are set up
 * like the daemon's own; the datagrams that they already hold are read first.
 */
import { prepareInherited } from '../../../sys/socket/passed-socket.ts';
import { closeSocket, raiseReceiveBuffer, setDropCount, setPassCredentials } from '../../../sys/socket/sockets.ts';
import { BatchSocket } from './batch-socket.ts';
import type { SocketAdopter } from '../../transport.ts';

export const batchAdopter: SocketAdopter = {
  adoptLogSocket: (fd, label, context, counters, keptByOthers) => {
    prepareInherited(fd);
    setPassCredentials(fd, true);
    raiseReceiveBuffer(fd, context.receiveBufferBytes);
    const start = (paused: boolean): BatchSocket =>
      new BatchSocket({ fd, kind: 'local', label, context, counters, paused, keptByOthers });
    return { start, discard: () => closeSocket(fd) };
  },
  adoptUdp: (fd, request, done) => {
    const { label, context, counters, paused } = request;
    try {
      prepareInherited(fd);
      setDropCount(fd, true);
      raiseReceiveBuffer(fd, context.receiveBufferBytes);
      const transport = new BatchSocket({ fd, kind: 'network', label, context, counters, paused });
      done({ ok: true, transport, address: request.to });
    } catch (error) {
      done({ ok: false, error });
    }
  },
};
