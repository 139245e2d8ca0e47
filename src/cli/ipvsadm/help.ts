// What `ipvsadm --help` prints.
import { versionText } from '../version.js';

export const helpText = `${versionText('ipvsadm')}
Usage:
  ipvsadm -L|-l [-n] [--stats [--exact]] [-t|-u VIP:PORT]
  ipvsadm -A|-E -t|-u VIP:PORT [-s SCHEDULER]
  ipvsadm -D -t|-u VIP:PORT
  ipvsadm -a -t|-u VIP:PORT -r SERVER:PORT -b [-w WEIGHT]
  ipvsadm -e -t|-u VIP:PORT -r SERVER:PORT [-b] [-w WEIGHT]
  ipvsadm -d -t|-u VIP:PORT -r SERVER:PORT
  ipvsadm -P|-Q -t|-u VIP:PORT -z LOCAL-ADDRESS -F DEVICE
  ipvsadm -h | -v

Commands:
  -L, -l, --list          list services and their real servers (the default)
  -A, --add-service       add a service
  -E, --edit-service      change a service's scheduler
  -D, --delete-service    remove a service with its real servers
  -a, --add-server        add a real server
  -e, --edit-server       change a real server's weight
  -d, --delete-server     remove a real server
  -P, --add-laddr         add a local address
  -Q, --del-laddr         remove a local address
  -h, --help              this text
  -v, --version           the version

Options:
  -t, --tcp-service A:P   a TCP service; IPv6 as [A]:P
  -u, --udp-service A:P   a UDP service
  -s, --scheduler NAME    rr, wrr, lc, wlc (the default), sed, nq or fo
  -r, --real-server A:P   a real server
  -b, --fullnat           forward by FullNat
  -w, --weight N          0 to 65535; 0 takes no new connections (default 1)
  -z, --laddr A           a local address
  -F, --ifname DEVICE     the port that carries the local address
  -n, --numeric           addresses and ports as numbers (always so)
      --stats             connections, packets and bytes since the start
      --exact             with --stats: whole numbers
      --runtime-dir DIR   where the data plane's socket is (or KEELSON_RUNTIME_DIR)
      --instance NAME     which data plane of this host (or KEELSON_INSTANCE)

What is added here stays until it is removed here: a reload of keepalived.conf leaves it alone.
`;
