import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { genhash } from '../../../src/cli/genhash/genhash.js';

t.test('asks a real server, prints, and ends with what a shell wants to know', async (t) => {
  const server = createServer((_request, response) => response.end('hello world\n'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const where = ['-s', '127.0.0.1', '-u', '/', '-p'];
  t.same(await genhash([...where, `${port}`]), {
    exitCode: 0,
    output: '6f5902ac237024bdd0c176cb93063dc4\n',
    complaint: '',
  });
  t.match(await genhash(['-h']), { exitCode: 0, output: /^Usage: genhash/ });
  const complaint = 'genhash: Connection failed\n';
  t.same(await genhash([...where, '1']), { exitCode: 1, output: '', complaint });
  t.match(await genhash(['-q']), { exitCode: 1, complaint: /^genhash: .*\nUsage: genhash/ });
});
