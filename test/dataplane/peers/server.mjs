// A server of the data plane's tests: HTTP that sends a file and answers an upload with its
// SHA-256; UDP that answers what it gets, and closes its socket when it gets "close".
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { file, web, echo } = JSON.parse(process.argv[2]);
const body = readFileSync(file);

function answer(request, response) {
  if (request.method === 'GET') {
    response.end(request.url === '/short' ? 'hello' : body);
    return;
  }
  const hash = createHash('sha256');
  request.on('data', (chunk) => hash.update(chunk));
  request.on('end', () => response.end(hash.digest('hex')));
}

for (const port of web) createServer(answer).listen(port, '::');

for (const { address, port } of echo) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => {
    if (message.toString() === 'close') socket.close();
    else socket.send(message, from.port, from.address);
  });
  socket.bind(port, address);
}
