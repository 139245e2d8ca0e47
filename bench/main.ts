// `npm run bench -- NAME [OPTION...]`: runs one benchmark. --json prints one JSON object per case.

import { benchAnnounce } from './announce.js';
import { benchApply } from './apply.js';
import { benchBfd } from './bfd.js';
import { benchChecks } from './checks.js';
import { BenchFailure } from './command.js';
import { benchConfig } from './config.js';
import { benchDatapath } from './datapath.js';
import { benchEndToEnd } from './end-to-end.js';
import { benchInstructions } from './instructions.js';
import { benchReload } from './reload.js';
import { benchSchedulers } from './schedulers.js';
import { benchVrrp } from './vrrp.js';

const benches: Record<string, (options: readonly string[]) => number | Promise<number>> = {
  announce: benchAnnounce,
  apply: benchApply,
  bfd: benchBfd,
  checks: benchChecks,
  config: benchConfig,
  datapath: benchDatapath,
  'end-to-end': benchEndToEnd,
  instructions: benchInstructions,
  reload: benchReload,
  schedulers: benchSchedulers,
  vrrp: benchVrrp,
};

const usage = `usage: npm run bench -- NAME [--json] ...
  announce [--rounds N] [--only failover|prefixes|flood]
                                             routes that come and go, beside BIRD and ExaBGP
  apply                                      changes of the tables, through the socket
  bfd [--minutes N]                          whether BFD sessions stay up beside much work
  checks [--seconds N] [--rounds N]          what TCP_CHECKs cost, beside keepalived
  checks --daemon [--seconds N]              10 000 TCP_CHECKs a second by the whole daemon
  config                                     reading and planning large files
  datapath [--instructions] [--no-peers] [--plot FILE.svg] [CASE...]
                                             cycles per packet of the packet path and of others
  end-to-end [--seconds N] [--rounds N] [CASE...]
                                             real traffic, beside nftables and HAProxy
  instructions [--record] [CASE...]          instructions per packet against bench/instructions.json
  reload                                     how late adverts get while a large file is loaded
  schedulers                                 tables and choices, over the number of servers
  vrrp                                       failover and many instances, beside keepalived`;

async function main([name = '', ...options]: readonly string[]): Promise<number> {
  const bench = benches[name];
  if (bench === undefined) {
    console.error(usage);
    return 2;
  }
  try {
    return await bench(options);
  } catch (error) {
    if (!(error instanceof BenchFailure)) throw error;
    console.error(error.message);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
