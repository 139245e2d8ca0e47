// Routes, rules and interfaces of HostKernelObjects inside a network namespace, driven by the test:
// one JSON request a line on standard input, one JSON answer a line on standard output.
import { createInterface } from 'node:readline';
import type { Result } from 'neverthrow';
import { HostClock } from '../../src/host/clock.js';
import { HostKernel } from '../../src/host/kernel.js';
import { HostKernelObjects } from '../../src/host/kernel-objects.js';
import {
  type AddressRequest,
  describeKernelError,
  type KernelError,
} from '../../src/ports/kernel.js';
import type {
  KernelRoute,
  KernelRule,
  ObjectNews,
  VirtualLink,
} from '../../src/ports/kernel-objects.js';

export type ObjectRequest =
  | { readonly call: 'watch' | 'links' }
  | { readonly call: 'putAddress' | 'removeAddress'; readonly address: AddressRequest }
  | { readonly call: 'putRoute' | 'replaceRoute' | 'removeRoute'; readonly route: KernelRoute }
  | { readonly call: 'putRule' | 'removeRule'; readonly rule: KernelRule }
  | { readonly call: 'makeLink'; readonly link: VirtualLink }
  | { readonly call: 'takeLinkUp'; readonly name: string }
  | { readonly call: 'removeLinks'; readonly names: readonly string[] };

export type ObjectEvent =
  | { readonly type: 'answer'; readonly answer: unknown }
  | { readonly type: 'news'; readonly news: ObjectNews };

const clock = new HostClock();
const kernel = new HostKernel(clock);
const objects = new HostKernelObjects(clock);

function tell(event: ObjectEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The value, or the operator's sentence. */
function words(result: Result<unknown, KernelError>): unknown {
  return result.match((value) => value ?? 'ok', describeKernelError);
}

async function answer(request: ObjectRequest): Promise<unknown> {
  switch (request.call) {
    case 'watch':
      return words(objects.watchObjects((news) => tell({ type: 'news', news })).map(() => 'ok'));
    case 'links':
      return words(await objects.foundLinks());
    case 'putAddress':
      return words(await kernel.putAddress(request.address));
    case 'removeAddress': {
      const { interface: device, prefix, attributes } = request.address;
      return words(await kernel.removeAddress(device, prefix, attributes));
    }
    case 'putRoute':
      return words(await objects.putRoute(request.route, false));
    case 'replaceRoute':
      return words(await objects.putRoute(request.route, true));
    case 'removeRoute':
      return words(await objects.removeRoute(request.route));
    case 'putRule':
      return words(await objects.putRule(request.rule));
    case 'removeRule':
      return words(await objects.removeRule(request.rule));
    case 'makeLink':
      return words(await objects.makeLink(request.link));
    case 'takeLinkUp':
      return words(await objects.takeLinkUp(request.name));
    case 'removeLinks':
      return words(await objects.removeLinks(request.names));
  }
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  tell({ type: 'answer', answer: await answer(JSON.parse(line) as ObjectRequest) });
}
