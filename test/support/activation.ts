/**
 * Starts a program like a service manager that has bound its sockets: descriptors from 3 on, named in the environment.
 * Source: sd_listen_fds(3).
 */

/** Arguments: one word for each socket, `--`, the program. LISTEN_PID is the program's own unless OTHER_PID is set. */
const SCRIPT = String.raw`
use strict; use Socket;
$^F = 100;
my (@kept, @names);
while (defined(my $spec = shift @ARGV)) {
  last if $spec eq '--';
  my ($kind, $at) = split /:/, $spec, 2;
  my $inet = $kind eq 'udp' || $kind eq 'tcp';
  my $type = $kind eq 'udp' || $kind eq 'unix' ? SOCK_DGRAM : SOCK_STREAM;
  socket(my $socket, $inet ? AF_INET : AF_UNIX, $type, 0) or die "socket: $!";
  bind($socket, $inet ? pack_sockaddr_in($at, inet_aton('127.0.0.1')) : pack_sockaddr_un($at)) or die "bind $at: $!";
  push @kept, $socket; push @names, "$kind-socket";
}
$ENV{LISTEN_FDS} = scalar @kept;
$ENV{LISTEN_FDNAMES} = join ':', @names;
$ENV{LISTEN_PID} = $ENV{OTHER_PID} // $$;
exec @ARGV or die "exec: $!";
`;

/** @param sockets `unix:PATH`, `stream:PATH`, `udp:PORT`, `tcp:PORT`. @returns the wrapper for {@link DaemonOptions} */
export function activated(...sockets: readonly string[]): readonly string[] {
  return ['perl', '-e', SCRIPT, '--', ...sockets, '--'];
}
