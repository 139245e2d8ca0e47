// The part of npm's raw-socket 1.8 that packets.ts uses.
declare module 'raw-socket' {
  export interface RawSocket {
    /** Its native half: calls that fail throw an Error with the system's sentence. */
    readonly wrap: {
      send(
        buffer: Uint8Array,
        offset: number,
        length: number,
        address: string,
        sent: (bytes: number) => void,
      ): void;
      recv(
        buffer: Uint8Array,
        received: (buffer: Uint8Array, bytes: number, source: string) => void,
      ): void;
    };
    setOption(level: number, option: number, value: number): void;
    setOption(level: number, option: number, value: Uint8Array, length: number): void;
    on(event: 'message', listener: (buffer: Uint8Array, source: string) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'close', listener: () => void): this;
    close(): this;
  }

  export type RawSocketOptions = {
    readonly protocol: number;
    readonly addressFamily: number;
    readonly bufferSize: number;
  };

  const rawSocket: {
    createSocket(options: RawSocketOptions): RawSocket;
    readonly AddressFamily: { readonly IPv4: number };
  };
  export default rawSocket;
}
