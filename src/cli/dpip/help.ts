// What `dpip -h` prints.
import { versionText } from '../version.js';

export const helpText = `${versionText('dpip')}
Usage:
  dpip [OPTIONS] link  show [DEVICE]
  dpip [OPTIONS] addr  show [dev DEVICE]
  dpip [OPTIONS] route show [dev DEVICE] [scope host|link|global]
  dpip [OPTIONS] neigh show [dev DEVICE]

Options:
  -4, -6                  one family only: addr, route, neigh
  -s, --stats             counters of ports; use of the source ports of addresses
  -v, --verbose           the DPDK device and the KNI interface of ports
  -h, --help              this text
  -V, --version           the version
      --runtime-dir DIR   where the data plane's socket is (or KEELSON_RUNTIME_DIR)
      --instance NAME     which data plane of this host (or KEELSON_INSTANCE)
`;
