// keepalived's options: which there are, which take a value, and the text of --help.
import { defaultRuntimeDirectory } from '../dataplane/paths.js';

export const defaultConfigFile = '/etc/keepalived/keepalived.conf';

export const optionTable = {
  'use-file': { type: 'string', short: 'f' },
  'config-test': { type: 'boolean', short: 't' },
  'config-test-file': { type: 'string' },
  plan: { type: 'boolean' },
  'plan-format': { type: 'string' },
  'dump-keywords': { type: 'boolean' },
  vrrp: { type: 'boolean', short: 'P' },
  check: { type: 'boolean', short: 'C' },
  no_bfd: { type: 'boolean', short: 'B' },
  all: { type: 'boolean' },
  'log-console': { type: 'boolean', short: 'l' },
  'log-detail': { type: 'boolean', short: 'D' },
  'log-facility': { type: 'string', short: 'S' },
  'no-syslog': { type: 'boolean', short: 'G' },
  umask: { type: 'string', short: 'u' },
  'release-vips': { type: 'boolean', short: 'X' },
  'dont-release-vrrp': { type: 'boolean', short: 'V' },
  'dont-release-ipvs': { type: 'boolean', short: 'I' },
  'dont-respawn': { type: 'boolean', short: 'R' },
  'dont-fork': { type: 'boolean', short: 'n' },
  'dump-conf': { type: 'boolean', short: 'd' },
  pid: { type: 'string', short: 'p' },
  vrrp_pid: { type: 'string', short: 'r' },
  checkers_pid: { type: 'string', short: 'c' },
  bfd_pid: { type: 'string', short: 'b' },
  genhash: { type: 'boolean', short: 'T' },
  'address-monitoring': { type: 'boolean', short: 'a' },
  snmp: { type: 'boolean', short: 'x' },
  'snmp-agent-socket': { type: 'string', short: 'A' },
  namespace: { type: 'string', short: 's' },
  'core-dump': { type: 'boolean', short: 'm' },
  'core-dump-pattern': { type: 'boolean', short: 'M' },
  'all-config': { type: 'boolean', short: 'e' },
  'config-id': { type: 'string', short: 'i' },
  'ignore-sigint': { type: 'boolean' },
  signum: { type: 'string' },
  'runtime-dir': { type: 'string' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const helpText = `Usage: keepalived [OPTION...]
  -f, --use-file=FILE          use the configuration FILE (${defaultConfigFile})
  -t, --config-test[=FILE]     test the configuration, report to stderr (or FILE) and exit
      --plan[=json]            print what a reload would change, and exit
      --dump-keywords          print every keyword with its documentation as JSON, and exit
  -e, --all-config             every include must be satisfied
  -i, --config-id=NAME         use the lines that begin with @NAME; name of this instance

  -P, --vrrp                   run only VRRP
  -C, --check                  run only the health checks and the services
  -B, --no_bfd                 do not run BFD
      --all                    accepted: one process runs everything that there is

  -n, --dont-fork              stay in the foreground
  -s, --namespace=NAME         run in the network namespace NAME, whatever the file says
  -p, --pid=FILE               file for the process id
  -r, --vrrp_pid=FILE          the same for VRRP, when there is any
  -c, --checkers_pid=FILE      the same for the health checks, when there are any
  -b, --bfd_pid=FILE           the same for BFD, when there is any
      --runtime-dir=DIR        directory for sockets and pid files (${defaultRuntimeDirectory})
  -u, --umask=MASK             permissions that no file of ours gets (0177)
      --ignore-sigint          go on when SIGINT arrives
      --signum=NAME            print the number of the signal for STOP, RELOAD, DATA, STATS,
                               STATS_CLEAR or JSON, and exit

  -l, --log-console            log to stderr as well
  -D, --log-detail             log debug lines too
  -S, --log-facility=NAME      syslog facility: 0-7, local0-local7, user or daemon (daemon)
  -G, --no-syslog              do not log to syslog
  -d, --dump-conf              log the configuration at the start
  -a, --address-monitoring     log every address that appears or goes

  -X, --release-vips           accepted: addresses are always released
  -V, --dont-release-vrrp      leave the addresses of VRRP at the end (until their leases end)
  -I, --dont-release-ipvs      leave the services in the data plane at the end
  -R, --dont-respawn           accepted: a thread that fails ends the daemon

  -m, --core-dump, -M, --core-dump-pattern[=PATTERN]
                               not done: see LimitCORE of the service manager
  -x, --snmp, -A, --snmp-agent-socket=SOCKET
                               not part of this release
  -T, --genhash OPTIONS        as the first word: the sum of a page (keepalived --genhash -h)
  -v, --version                show the version
  -h, --help                   show this text
`;
