// An operating system process as far as its ports notice: it can be killed (nothing reaches it ever
// again) or stand still (everything waits for it, then comes at once).
import type { Result } from 'neverthrow';
import type { AddressOwner, AddressOwnerError } from '../../src/ports/address-owner.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Packets } from '../../src/ports/packets.js';

type Waiting = { readonly source: 'timer' | 'packet' | 'answer'; readonly wake: () => void };

export class SimulatedProcess {
  readonly #waiting: Waiting[] = [];
  #state: 'running' | 'stopped' | 'dead' = 'running';

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  kill(): void {
    this.#state = 'dead';
  }

  /** SIGSTOP */
  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped';
  }

  /**
   * SIGCONT. Node runs expired timers before it looks at sockets; `packetsFirst` is the other
   * order.
   */
  continue(packetsFirst: boolean): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'running';
    const first = packetsFirst ? 'packet' : 'timer';
    const waiting = this.#waiting.splice(0);
    for (const { source, wake } of waiting) if (source === first) wake();
    for (const { source, wake } of waiting) if (source !== first) wake();
  }

  reach(source: Waiting['source'], wake: () => void): void {
    if (this.#state === 'running') wake();
    else if (this.#state === 'stopped') this.#waiting.push({ source, wake });
  }

  clock(clock: Clock): Clock {
    return {
      nowMs: () => clock.nowMs(),
      setTimer: (delayMs, expired) => {
        let isCancelled = false;
        const wake = (): void => {
          if (!isCancelled) expired();
        };
        const timer = clock.setTimer(delayMs, () => this.reach('timer', wake));
        return {
          cancel: () => {
            isCancelled = true;
            timer.cancel();
          },
        };
      },
    };
  }

  packets(packets: Packets): Packets {
    return {
      openDatagrams: (options, received) =>
        packets.openDatagrams(options, (datagram) =>
          this.reach('packet', () => received(datagram)),
        ),
      frameSender: (interfaceName) => packets.frameSender(interfaceName),
      sendFrame: (interfaceName, frame) => packets.sendFrame(interfaceName, frame),
    };
  }

  owner(owner: AddressOwner): AddressOwner {
    return {
      lease: (addresses, durationMs) => this.#ask(() => owner.lease(addresses, durationMs)),
      release: (addresses) => this.#ask(() => owner.release(addresses)),
      announce: (addresses) => this.#ask(() => owner.announce(addresses)),
      held: (addresses) => this.#ask(() => owner.held(addresses)),
    };
  }

  /** A call leaves only a living process, and its answer reaches only a running one. */
  #ask<T>(
    call: () => Promise<Result<T, AddressOwnerError>>,
  ): Promise<Result<T, AddressOwnerError>> {
    return new Promise((resolve) => {
      if (this.#state === 'dead') return;
      void call().then((answer) => this.reach('answer', () => resolve(answer)));
    });
  }
}
