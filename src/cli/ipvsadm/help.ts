// What `ipvsadm --help` prints.
import { schedulers } from '../../net/service.js';
import { versionText } from '../version.js';

export const helpText = `${versionText('ipvsadm')}
Usage:
  ipvsadm -L|-l [-n] [-c] [FORMAT] [SERVICE]
  ipvsadm -A|-E SERVICE [-s SCHEDULER] [SERVICE-OPTIONS]
  ipvsadm -D SERVICE
  ipvsadm -a|-e SERVICE -r SERVER:PORT [-b|-m|-g|-i|-J] [SERVER-OPTIONS]
  ipvsadm -d SERVICE -r SERVER:PORT
  ipvsadm -P|-Q SERVICE -z LOCAL-ADDRESS -F DEVICE
  ipvsadm -G|-Z [SERVICE]
  ipvsadm --set TCP TCPFIN UDP
  ipvsadm -S | -R | -C | -h | -v

Commands:
  -L, -l, --list          list services and their real servers (the default)
  -A, --add-service       add a service
  -E, --edit-service      edit a service; what is not said is as by default
  -D, --delete-service    remove a service with its real servers
  -a, --add-server        add a real server
  -e, --edit-server       edit a real server; without a method that stays as it is
  -d, --delete-server     remove a real server
  -P, --add-laddr         add a local address
  -Q, --del-laddr         remove a local address
  -G, --get-laddr         list local addresses
  -C, --clear             remove every service
  -S, --save              print commands that make the same services
  -R, --restore           read such commands from the standard input
  -Z, --zero              zero the counters of a service, or all
      --set A B C         timeouts in seconds: open TCP, TCP after a FIN, UDP; 0 leaves one
  -h, --help              this text
  -v, --version           the version

Services:
  -t, --tcp-service A:P   TCP; IPv6 as [A]:P
  -u, --udp-service A:P   UDP
      --sctp-service A:P  SCTP
  -H, --match MATCH       packets for nobody here, with an address of ours as their source:
                          proto=tcp,src-range=A-A[:P-P],dst-range=...,iif=DEV,oif=DEV,af=ipv6

Service options:
  -s, --scheduler NAME    ${schedulers.join(' ')}
                          (default wlc)
      --sched-flags LIST  sh-port, sh-fallback, mh-port, mh-fallback
      --maglev-slots N    size of the table of mh, a prime
      --hash-target WORD  conhash: sip (the client's address) or qid (QUIC's connection id)
  -p, --persistent [N]    a client keeps its server, for N seconds without connections (360)
  -M, --netmask MASK      clients that are one: a netmask, or a prefix length of IPv6
  -o, --ops               UDP: each datagram is scheduled for itself
      --conn-timeout N    seconds that an idle open connection lives
      --proxy-protocol V  v1, v2, v1-insecure, v2-insecure or disable (FullNat)
      --expire-quiescent  connections to a server end when its weight becomes 0
      --quic              follow QUIC clients by their connection id
      --client-address W  toa, uoa or off: how FullNat tells the server the client
      --client-toa WORD   remove or keep a TOA option that the client sent
      --no-destination W  drop, or reject by RST and ICMP, what no server takes
      --connections-max N connections at a time; 0 is no limit

Server options:
  -r, --real-server A:P   the real server; of -J an address that packets leave with
  -b, --fullnat           FullNat: both addresses are rewritten
  -m, --masquerading      Masq: the server's is; its way back leads through here
  -g, --gatewaying        Route: only the MAC address is (the default)
  -i, --ipip              Tunnel: the packet is wrapped
  -J, --snat              SNAT, of services by -H
      --tun-type TYPE     ipip (the default), gre or gue
      --tun-port N        UDP port of gue
      --tun-csum, --tun-nocsum
                          with or without checksums in the outer header of gre and gue
  -w, --weight N          0 to 65535; 0 takes no new connections (default 1)
  -x, --u-threshold N     from N connections on it gets no new ones; 0 is no limit
  -y, --l-threshold N     below N it gets new ones again; 0 is three quarters of -x
  -z, --laddr A           a local address
  -F, --ifname DEVICE     the port that carries the local address

Formats:
  -n, --numeric           addresses and ports as numbers (always so)
      --stats             connections, packets and bytes since the start or -Z
      --rate              the same per second
      --exact             with either: whole numbers
      --thresholds        -x and -y of the servers
      --persistent-conn   how many clients persistence holds to each server
      --timeout           the timeouts that --set sets
  -c, --connection        connections; of a service, or by
      --sockpair PROTOCOL:CLIENT:PORT:VIP:PORT

      --runtime-dir DIR   where the data plane's socket is (or KEELSON_RUNTIME_DIR)
      --instance NAME     which data plane of this host (or KEELSON_INSTANCE)

What is added here stays until it is removed here: a reload of keepalived.conf leaves it alone.
`;
