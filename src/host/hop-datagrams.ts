// UDP with the hops that a datagram has left, over our own addon (src/ports/hop-datagrams.ts).
import type { Result } from 'neverthrow';
import { type IpAddress, ipAddress } from '../net/address.js';
import type {
  HopDatagram,
  HopDatagrams,
  HopListenerOptions,
  HopSender,
  HopSenderOptions,
} from '../ports/hop-datagrams.js';
import type { PacketError } from '../ports/packets.js';
import { describeErrorNumber, describeSocketsError } from './sockets.js';
import { interfaceName, openUdpListener, openUdpSender } from './udp-sockets.js';

/** An interface may get another name, so what is known is asked for again after so many packets. */
const askAgainAfter = 256;

export class HostHopDatagrams implements HopDatagrams {
  readonly #failed: (error: PacketError) => void;
  readonly #names = new Map<number, string>();
  #packets = 0;

  /** `failed` hears of receive errors, which no call can return. */
  constructor(failed: (error: PacketError) => void = () => {}) {
    this.#failed = failed;
  }

  listen(
    { family, port }: HopListenerOptions,
    received: (datagram: HopDatagram) => void,
  ): Result<{ close(): void }, PacketError> {
    let toldErrorNumber = 0;
    return openUdpListener(family, port, (event) => {
      if (event.type === 'received') {
        toldErrorNumber = 0;
        received({
          source: addressOf(event.source),
          sourcePort: event.sourcePort,
          destination: addressOf(event.destination),
          interface: this.#nameOf(event.interfaceIndex),
          hops: event.hops,
          payload: event.payload,
        });
        return;
      }
      if (event.errorNumber === toldErrorNumber) return;
      toldErrorNumber = event.errorNumber;
      const reason = describeErrorNumber(event.errorNumber);
      this.#failed(packetError(`receive on UDP port ${port}`, reason));
    }).mapErr((error) => packetError(`open UDP port ${port}`, describeSocketsError(error)));
  }

  openSender(options: HopSenderOptions): Result<HopSender, PacketError> {
    const { sourcePort, destination, destinationPort } = options;
    const from = options.source === null ? '' : ` from ${options.source}`;
    const over = options.interface === null ? '' : ` over ${options.interface}`;
    const path = `to ${destination} port ${destinationPort}${from}${over}`;
    return openUdpSender(options)
      .map((sender) => ({
        send: (payload: Uint8Array) =>
          sender
            .send(payload)
            .mapErr((error) => packetError(`send ${path}`, describeSocketsError(error))),
        close: () => sender.close(),
      }))
      .mapErr((error) =>
        packetError(`open UDP port ${sourcePort} ${path}`, describeSocketsError(error)),
      );
  }

  #nameOf(index: number): string {
    this.#packets = (this.#packets + 1) % askAgainAfter;
    if (this.#packets === 0) this.#names.clear();
    const known = this.#names.get(index);
    if (known !== undefined) return known;
    const name = interfaceName(index).unwrapOr('');
    this.#names.set(index, name);
    return name;
  }
}

/** The C library writes both families as RFC 5952 does, but for IPv4 inside of IPv6. */
function addressOf(text: string): IpAddress {
  return text.includes(':') && text.includes('.') ? ipAddress(text) : (text as IpAddress);
}

function packetError(action: string, reason: string): PacketError {
  return { type: 'packets.failed', action, reason };
}
