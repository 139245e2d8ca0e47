// One attempt to reach a server: what every kind of checker is to its monitor.

export type Outcome =
  | { readonly type: 'succeeded' }
  | {
      readonly type: 'failed';
      /** The end of a sentence that begins with `name`: "failed", "timed out". */
      readonly reason: string;
    };

export interface Probe {
  /** What is attempted, in keepalived's words: "TCP connection to [192.0.2.5]:tcp:80". */
  readonly name: string;
  /** Never rejects, and ends within the checker's own timeout. */
  attempt(): Promise<Outcome>;
}
