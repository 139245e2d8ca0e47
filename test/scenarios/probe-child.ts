// Two programs around one virtual address. `responder NAME` answers every datagram with its name
// (without one: with the address that it came from) and the datagram. `asker ADDRESS` sends a
// numbered datagram every two milliseconds and writes for each answer its number, when it was sent
// (milliseconds of the monotonic clock, which all processes share) and who answered.
import { createSocket } from 'node:dgram';

const port = 7007;
const intervalMs = 2;

const [role, argument = ''] = process.argv.slice(2);
if (role === 'responder') respond(argument);
else ask(argument);

function respond(name: string): void {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    // To a client that is gone: its matter.
    socket.send(
      Buffer.concat([Buffer.from(`${name || from.address} `), message]),
      from.port,
      from.address,
    );
  });
  socket.on('error', fail);
  socket.bind(port, () => process.stdout.write('ready\n'));
}

function ask(address: string): void {
  const socket = createSocket('udp4');
  let number = 0;
  socket.on('message', (message) => {
    const [name = '', answered = '', sentMs = ''] = message.toString('latin1').split(' ');
    process.stdout.write(`${answered} ${sentMs} ${name}\n`);
  });
  socket.on('error', fail);
  const send = (): void => {
    number += 1;
    const sentMs = Number(process.hrtime.bigint()) / 1e6;
    // Where nobody has the address, the kernel says so now and then.
    socket.send(`${number} ${sentMs.toFixed(3)}`, port, address, () => {});
  };
  socket.bind(0, () => {
    process.stdout.write('ready\n');
    setInterval(send, intervalMs);
  });
}

function fail(error: Error): never {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
