// The host's answers inside a network namespace, driven by the test: one JSON request a line on
// standard input, one JSON answer a line on standard output, and events between them.
import { createInterface } from 'node:readline';
import type { Result } from 'neverthrow';
import { announcementFrame } from '../../src/ha/announcement-frame.js';
import { HostClock } from '../../src/host/clock.js';
import { HostKernel } from '../../src/host/kernel.js';
import { KernelAddressOwner } from '../../src/host/kernel-address-owner.js';
import { HostPackets } from '../../src/host/packets.js';
import { HostStreams } from '../../src/host/streams.js';
import { ipAddress } from '../../src/net/address.js';
import { type Prefix, parsePrefix } from '../../src/net/prefix.js';
import { describeKernelError } from '../../src/ports/kernel.js';

export type ChildRequest =
  | { readonly call: 'links' | 'addresses' | 'watch' }
  | {
      readonly call: 'put';
      readonly interface: string;
      readonly prefix: string;
      readonly validSeconds: number | null;
    }
  | { readonly call: 'remove'; readonly interface: string; readonly prefix: string }
  | { readonly call: 'announce'; readonly interface: string; readonly prefix: string }
  | { readonly call: 'connect'; readonly address: string; readonly timeoutMs: number };

export type ChildEvent =
  | { readonly type: 'answer'; readonly answer: unknown }
  | { readonly type: 'changed' };

const kernel = new HostKernel(new HostClock());
const packets = new HostPackets();
const streams = new HostStreams();

function tell(event: ChildEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function prefixOf(text: string): Prefix {
  return parsePrefix(text)._unsafeUnwrap();
}

/** The value, or the operator's sentence. */
function wordsOf<Value, Failure>(
  result: Result<Value, Failure>,
  describe: (error: Failure) => string,
): unknown {
  return result.match(
    (value) => value ?? 'ok',
    (error) => describe(error),
  );
}

function announce(interfaceName: string, prefix: string): Promise<unknown> {
  const log = { write: () => {} };
  const owner = new KernelAddressOwner({
    interfaceName,
    kernel,
    packets,
    announcementFrame,
    log,
  });
  return owner.announce([prefixOf(prefix)]).then((sent) => wordsOf(sent, ({ reason }) => reason));
}

async function answer(request: ChildRequest): Promise<unknown> {
  switch (request.call) {
    case 'links':
      return wordsOf(await kernel.links(), describeKernelError);
    case 'addresses':
      return wordsOf(await kernel.addresses(), describeKernelError);
    case 'watch':
      return wordsOf(
        kernel.watch(() => tell({ type: 'changed' })).map(() => 'ok'),
        describeKernelError,
      );
    case 'put': {
      const { validSeconds } = request;
      const put = { interface: request.interface, prefix: prefixOf(request.prefix), validSeconds };
      return wordsOf(await kernel.putAddress(put), describeKernelError);
    }
    case 'remove': {
      const removed = await kernel.removeAddress(request.interface, prefixOf(request.prefix));
      return wordsOf(removed, describeKernelError);
    }
    case 'announce':
      return announce(request.interface, request.prefix);
    case 'connect': {
      const target = { address: ipAddress(request.address), port: 80 };
      return streams.connect(target, request.timeoutMs, null);
    }
  }
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  tell({ type: 'answer', answer: await answer(JSON.parse(line) as ChildRequest) });
}
