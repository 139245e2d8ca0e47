// A mail server for tests, on loopback: takes what it is handed, answers as it is told to.
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What it says to a command other than "250 ok"; null: nothing at all. */
export type Answers = Readonly<Record<string, string | null>>;

export class SmtpServer {
  /** Every line of every conversation, in order. */
  readonly lines: string[] = [];
  readonly #answers: Answers;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(answers: Answers = {}) {
    this.#answers = answers;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      void this.#serve(socket);
    });
  }

  /** The port. */
  listen(port = 0): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#say(socket, 'GREETING', '220 here');
    let isText = false;
    for await (const line of createInterface({ input: socket })) {
      this.lines.push(line);
      if (isText) {
        isText = line !== '.';
        if (!isText) this.#say(socket, '.', '250 taken');
        continue;
      }
      const verb = line.split(/[ :]/)[0] ?? '';
      isText = verb === 'DATA' && (this.#answers[verb] ?? '354').startsWith('354');
      const usual = verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 ok';
      this.#say(socket, line in this.#answers ? line : verb, usual);
    }
  }

  #say(socket: Socket, about: string, usual: string): void {
    const answer = about in this.#answers ? this.#answers[about] : usual;
    if (typeof answer === 'string') socket.write(`${answer}\r\n`);
  }
}
