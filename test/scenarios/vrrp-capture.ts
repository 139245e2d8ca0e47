// What our node of a segment sends, and what tshark finds wrong with it.
import { join } from 'node:path';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { type Segment, takeoverMs } from './vrrp-segment.js';

/** Our packets from now on; the answer ends it and says what is wrong with them. */
export async function capture(segment: Segment): Promise<() => Promise<string[]>> {
  const { namespaces } = segment;
  const file = join(segment.folder, 'ours.pcap');
  const filter = ['-Z', 'root', 'proto 112 or proto 51 or ip6 proto 112'];
  const sniffer = ['tcpdump', '-i', 'ours-eth0', '-Q', 'in', '-U', '-w', file, ...filter];
  const { pid } = namespaces.start('net', segment.logFile('tcpdump'), sniffer);
  await waitFor('tcpdump listens', takeoverMs, () => segment.log('tcpdump').includes('listen'));
  const { mac } = segment.scenario;
  const wrong = [
    '_ws.malformed || vrrp.checksum.status == 0 || ip.checksum.status == 0',
    ...(mac === undefined ? [] : [`eth.src != ${mac}`]),
  ].join(' || ');
  return async () => {
    await namespaces.stop(pid);
    const read = (filter: string) => namespaces.run('net', 'tshark', '-r', file, '-Y', filter);
    if (read('vrrp.prio == 0') === '') return ['there is no advert of priority 0'];
    return read(wrong)
      .split('\n')
      .filter((line) => line !== '');
  };
}
