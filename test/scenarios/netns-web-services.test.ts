// A whole daemon that checks nginx by HTTP_GET and SSL_GET: what a page that changes, and one that
// comes back, do to the table of the data plane.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { makeCertificates } from './http-web.js';
import { ServicesNode } from './services-node.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const [plain, secure] = ['198.51.100.1', '198.51.100.2'] as const;
const page = 'all is well\n';

function nginxConfig(folder: string): string {
  return `daemon off;
master_process off;
user root;
pid ${folder}/nginx.pid;
error_log ${folder}/logs/error.log;
events { worker_connections 64; }
http {
  access_log off;
  root ${folder}/$server_addr;
  server {
    listen 8080;
  }
  server {
    listen 8443 ssl;
    ssl_certificate ${folder}/default.pem;
    ssl_certificate_key ${folder}/default.key;
    ssl_verify_client on;
    ssl_client_certificate ${folder}/ca.pem;
  }
}
`;
}

function service(folder: string, more = ''): string {
  const digest = createHash('md5').update(page).digest('hex');
  return `SSL {
certificate ${folder}/client.pem
key ${folder}/client.key
password secret
}
virtual_server 192.0.2.100 80 {
delay_loop 0.2
delay_before_retry 0.2
warmup 0
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name back
virtualhost www.example.com
real_server ${plain} 8080 {
HTTP_GET {
fast_recovery
url {
path /first
digest ${digest}
}
url {
path /second
status_code 200 204
}
${more}
}
}
real_server ${secure} 8443 {
SSL_GET {
enable_sni
url {
path /first
regex "all +is +well"
regex_options caseless
}
}
}
}
`;
}

t.test('pages decide who is served', { skip, timeout: 240_000 }, async (t) => {
  const node = new ServicesNode('w', [plain, secure]);
  t.teardown(() => node.remove());
  const write = (address: string, name: string, text: string): void =>
    writeFileSync(node.path(`${address}/${name}`), text);
  for (const folder of ['run', 'logs', plain, secure]) mkdirSync(node.path(folder));
  makeCertificates(node.folder);
  for (const address of [plain, secure]) {
    write(address, 'first', page);
    write(address, 'second', 'anything');
  }
  writeFileSync(node.path('nginx.conf'), nginxConfig(node.folder));
  const nginx = ['nginx', '-p', node.folder, '-c', node.path('nginx.conf')];
  node.namespaces.start('node', node.path('nginx.log'), nginx);
  node.write(service(node.folder));
  node.start();
  const both = [`${plain}:8080 1`, `${secure}:8443 1`] as const;
  await node.waitForTable(...both);
  await node.waitForLog(/Remote Web server \[198\.51\.100\.\d\]:tcp:8\d+ succeed on service\./, 2);

  write(plain, 'first', 'all is lost\n');
  await node.waitForTable(`${secure}:8443 1`);
  t.match(
    node.log(/HTTP_CHECK .* failed/)[0],
    /\[198\.51\.100\.1\]:tcp:8080 failed \(MD5 digest error: [0-9a-f]{32}, url \/first\) after 1/,
  );
  write(secure, 'first', 'all is lost\n');
  await node.waitForTable();
  t.equal(node.log(/failed \(Regex match failed, url \/first\)/).length, 1);

  node.write(service(node.folder, 'url {\npath /third\n}'));
  node.reload();
  await node.waitForLog(/Reload finished/);
  t.same(await node.table(), [], 'a check that changed keeps its verdict until it has run');
  write(plain, 'first', page);
  write(secure, 'first', 'ALL  IS  WELL');
  await node.waitForTable(`${secure}:8443 1`);
  write(plain, 'third', '');
  await node.waitForTable(...both);
  await node.stopDaemon();
});
