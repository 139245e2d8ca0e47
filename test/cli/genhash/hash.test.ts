import t from 'tap';
import { parseGenhash } from '../../../src/cli/genhash/arguments.js';
import { hashedPage } from '../../../src/cli/genhash/hash.js';
import { printHash } from '../../../src/cli/genhash/print.js';
import { SimulatedClock } from '../../sim/clock.js';
import { pieces, type Script, ScriptedFlows } from '../../sim/flows.js';

async function shown(script: Script, ...words: string[]): Promise<string> {
  const needed = ['-s', '192.0.2.1', '-p', '80', '-u', '/x'];
  const command = parseGenhash([...needed, ...words])._unsafeUnwrap();
  if (command.type !== 'hash') throw new Error('assertion: a request');
  const clock = new SimulatedClock();
  const flows = new ScriptedFlows(clock, [script]);
  return (await hashedPage(command, flows, clock)).match(printHash, (sentence) => sentence);
}

const hello: Script = pieces('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n');

t.test('the sum, or why there is none', async (t) => {
  t.equal(await shown(hello), '6f5902ac237024bdd0c176cb93063dc4\n');
  t.equal(await shown(hello, '-a', 'sha1'), '22596363b3de40b06f981fb85d82312e8c0ed511\n');
  t.equal(await shown([{ type: 'end' }]), 'no data received from remote webserver');
  t.equal(await shown([{ type: 'silence' }]), 'Timeout WEB read');
  t.equal(await shown({ type: 'refused' }), 'Connection failed');
});

// As Debian's genhash printed it for this very answer.
t.test('with -v also the octets', async (t) => {
  const line = '-'.repeat(23);
  t.equal(
    await shown(hello, '-v'),
    `${line}[    HTTP Header Buffer    ]${line}
0000  48 54 54 50 2f 31 2e 31 - 20 32 30 30 20 4f 4b 0d   HTTP/1.1 200 OK.
0016  0a 43 6f 6e 74 65 6e 74 - 2d 4c 65 6e 67 74 68 3a   .Content-Length:
0032  20 31 32 0d 0a 0d 0a    -                            12....${' '.repeat(9)}
${line}[ HTTP Header Ascii Buffer ]${line}
HTTP/1.1 200 OK\r
Content-Length: 12\r
\r

${line}[        HTML Buffer        ]${line}
0000  68 65 6c 6c 6f 20 77 6f - 72 6c 64 0a               hello world.${' '.repeat(4)}

${line}[    HTML hash resulting    ]${line}
0000  6f 59 02 ac 23 70 24 bd - d0 c1 76 cb 93 06 3d c4   oY..#p$...v...=.
${line}[ HTML hash final resulting ]${line}
6f5902ac237024bdd0c176cb93063dc4

Global response time for [/x] = 0 usecs
`,
  );
});
