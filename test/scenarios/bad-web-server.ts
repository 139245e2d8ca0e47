// Web servers that misbehave, one a port, each in its own way; the last two speak TLS. Arguments:
// the files of a certificate and its key.
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const hello = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n';
const start = 'HTTP/1.1 200 OK\r\n\r\n';
const nothing = (): void => {};

/** `isReset`: a RST instead of a FIN. */
function end(socket: Socket, isReset = false): void {
  if (isReset) socket.resetAndDestroy();
  else socket.end();
}

function trickle(socket: Socket): void {
  let at = 0;
  const timer = setInterval(() => {
    socket.write(hello[at % hello.length] ?? '');
    at += 1;
  }, 200);
  socket.on('close', () => clearInterval(timer));
}

function flood(socket: Socket): void {
  const piece = Buffer.alloc(65_536, 'a');
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  socket.write(start);
  more();
}

/** What each does once the request is there. */
const manners: Readonly<Record<number, (socket: Socket) => void>> = {
  9001: nothing,
  9002: trickle,
  9003: (socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}\r\n\r\nhello`),
  9004: flood,
  9005: end,
  9006: (socket) => {
    socket.write(`${start}part`);
    setTimeout(() => end(socket, true), 50);
  },
  9007: (socket) =>
    socket.end(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + 'c\r\nhello world\n\r\n0\r\n\r\n',
    ),
  9008: (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  9009: (socket) => socket.end(hello.replace('12', '100')),
  9010: (socket) => socket.end('garbage\r\n\r\nfoo'),
  9011: (socket) => end(socket, true),
  9012: (socket) => socket.write(hello),
  9013: (socket) => socket.write(start),
};

for (const [port, manner] of Object.entries(manners)) {
  createServer((socket) => {
    socket.on('error', nothing);
    socket.once('data', () => manner(socket));
  }).listen(Number(port));
}

/** It answers whoever connects, and reads nothing: as programs under inetd do. */
createServer((socket) => {
  socket.on('error', nothing);
  socket.end(hello);
}).listen(9014);

const [certificateFile = '', keyFile = ''] = process.argv.slice(2);
const credentials = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };

/** The connection under TLS ends without close_notify. */
const abrupt = createServer();
const tls = createTlsServer(credentials, (socket) => {
  socket.on('error', nothing);
  socket.once('data', () => {
    socket.write(`${start}hello`, () => raw.get(socket.remotePort ?? 0)?.end());
  });
});
const raw = new Map<number, Socket>();
abrupt.on('connection', (socket: Socket) => {
  socket.on('error', nothing);
  raw.set(socket.remotePort ?? 0, socket);
  tls.emit('connection', socket);
});
abrupt.listen(9201);

createTlsServer(credentials, (socket) => {
  socket.on('error', nothing);
  socket.once('data', () => socket.end(`${start}hello`));
}).listen(9202);
