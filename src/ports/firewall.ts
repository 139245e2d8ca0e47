// The packet filter of the kernel: a program of nftables is run as a whole or not at all.
import type { Result } from 'neverthrow';

export type FirewallError = {
  readonly type: 'firewall.failed';
  /** Plain words, with what to do where that is known. */
  readonly reason: string;
};

export interface Firewall {
  /** `program` in the language of nft(8). */
  run(program: string): Promise<Result<void, FirewallError>>;
}
