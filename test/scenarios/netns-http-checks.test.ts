// HTTP_GET and SSL_GET against nginx and against servers that misbehave, in a network namespace:
// what the file says, through the decoded checkers and their monitors, down to real sockets.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout, command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { isProbed, type ProbedTarget, targetsOf } from '../../src/health/targets.js';
import { configOf } from '../config/text.js';
import { JsonChild } from '../host/child-process.js';
import { makeCertificates, webConfig } from './http-web.js';
import type { MonitorsEvent, MonitorsRequest } from './monitors-child.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const timeoutMs = 40_000;
const script = (name: string) => join(checkout, 'build', 'test', 'scenarios', `${name}.js`);
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

type Case = {
  readonly port: number;
  readonly url?: string;
  readonly lines?: string;
  readonly kind?: 'HTTP_GET' | 'SSL_GET';
  /** What the reason holds; null: the check succeeds. */
  readonly fault: RegExp | null;
};

/** Each with a server address of its own, so that verdicts and log lines can be told apart. */
function addressOf(index: number): string {
  return `127.0.1.${index + 1}`;
}

function targetsFor(cases: readonly Case[], root = ''): readonly ProbedTarget[] {
  const servers = cases.map(({ port, url = '', lines = '', kind = 'HTTP_GET' }, index) => {
    const check = `${kind} {\n${lines}\nurl {\npath /\n${url}\n}\n}`;
    return `real_server ${addressOf(index)} ${port} {\n${check}\n}`;
  });
  const text = `${root}
dataplane {
port a {
device net_null
}
}
virtual_server 192.0.2.1 80 {
lb_kind NAT
protocol TCP
delay_loop 0.3
retry 1
delay_before_retry 0.3
connect_timeout 1.5
warmup 0
${servers.join('\n')}
}
`;
  const { config, diagnostics } = configOf(text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return targetsOf(config).filter(isProbed);
}

class World {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-http-'));
  readonly verdicts = new Map<string, boolean>();
  readonly lines: string[] = [];
  readonly #monitors: JsonChild<MonitorsRequest>;
  readonly webPid: number;

  constructor(t: Test) {
    t.teardown(() => this.#remove());
    makeCertificates(this.folder);
    const { namespaces, folder } = this;
    namespaces.add('h');
    namespaces.ip('h', 'address', 'add', '192.0.2.10/32', 'dev', 'lo');
    mkdirSync(join(folder, 'logs'));
    writeFileSync(join(folder, 'nginx.conf'), webConfig(folder));
    const nginx = ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')];
    this.webPid = namespaces.start('h', join(folder, 'nginx.log'), nginx).pid;
    const bad = [script('bad-web-server'), `${folder}/default.pem`, `${folder}/default.key`];
    namespaces.start('h', join(folder, 'bad.log'), [process.execPath, ...bad]);
    this.#monitors = new JsonChild(namespaces.fullName('h'), script('monitors-child'), (told) => {
      const event = told as MonitorsEvent;
      if (event.type === 'verdict') this.verdicts.set(event.id, event.isUp);
      if (event.type === 'line') this.lines.push(event.line);
    });
  }

  async ready(): Promise<void> {
    for (const port of [8080, 8443, 9001, 9202]) {
      await waitFor(`port ${port}`, timeoutMs, () => this.listens(port));
    }
  }

  listens(port: number): boolean {
    return this.namespaces.run('h', 'ss', '-Hltn', `sport = :${port}`).trim() !== '';
  }

  async watch(targets: readonly ProbedTarget[]): Promise<void> {
    this.verdicts.clear();
    this.lines.length = 0;
    await this.#monitors.ask({ targets });
  }

  /** The log line of the checker, without its server. */
  told(address: string, port: number): string {
    const server = `[${address}]:tcp:${port} `;
    const line = this.lines.findLast((one) => one.includes(server));
    return line?.slice(line.indexOf(server) + server.length) ?? '';
  }

  async #remove(): Promise<void> {
    await this.#monitors?.end();
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function judge(t: Test, world: World, cases: readonly Case[], root = ''): Promise<void> {
  const targets = targetsFor(cases, root);
  t.equal(targets.length, cases.length);
  await world.watch(targets);
  await waitFor('a verdict on each', timeoutMs, () => world.verdicts.size === cases.length);
  for (const [index, { port, fault, url, lines }] of cases.entries()) {
    const what = `${port} ${lines ?? ''} ${url ?? ''}`;
    const told = world.told(addressOf(index), port);
    t.equal(world.verdicts.get(targets[index]?.id ?? ''), fault === null, `${what}: ${told}`);
    t.match(told, fault ?? /^succeed on service\.$/, what);
  }
}

t.test('checks of web servers', { skip, timeout: 180_000 }, async (t) => {
  const world = new World(t);
  await world.ready();
  const { namespaces, folder } = world;

  await t.test('nginx', async (t) => {
    const hello = 'hello world\n';
    await judge(t, world, [
      { port: 8080, fault: null },
      { port: 8080, url: `digest ${md5(hello)}`, fault: null },
      { port: 8080, url: `digest ${md5('other')}`, fault: /MD5 digest error: [0-9a-f]{32}, url/ },
      {
        port: 8080,
        url: `digest ${createHash('sha256').update(hello).digest('hex')}`,
        fault: null,
      },
      { port: 8080, url: 'regex "w[aeiou]rld"', fault: null },
      { port: 8080, url: 'regex "w[aeiou]rld"\nregex_no_match', fault: /Regex match failed/ },
      { port: 8080, url: 'status_code 300-399', fault: /HTTP status code error: 200/ },
      { port: 8080, url: 'path /missing', fault: /status code error: 404, url \/missing/ },
      { port: 8080, url: 'path /missing\nstatus_code 404', fault: null },
      {
        port: 8080,
        lines: 'virtualhost www.x.org',
        url: 'path /asked\nregex "host=www.x.org."',
        fault: null,
      },
      { port: 8080, url: 'path /asked\nregex "host=127.0.1.11:8080 HTTP/1.0"', fault: null },
      { port: 8080, lines: 'http_protocol 1.1', url: 'path /asked\nregex "HTTP/1.1"', fault: null },
      {
        port: 8080,
        lines: 'bindto 192.0.2.10',
        url: 'path /asked\nregex "from=192.0.2.10 "',
        fault: null,
      },
      {
        port: 8080,
        lines: 'bind_port 5555',
        url: 'path /asked\nregex "from=\\\\S+ 5555"',
        fault: null,
      },
      { port: 8080, url: 'path /large\nregex "end of page"', fault: null },
    ]);
  });

  await t.test('TLS: any certificate is accepted, names are sent when asked for', async (t) => {
    const sni = 'path /name\nregex "asked=sni.example;got=sni"';
    const onlyTls = 'path /name\nregex "asked=sni.example;got=default"';
    const ssl = { kind: 'SSL_GET', port: 8443 } as const;
    await judge(t, world, [
      { ...ssl, fault: null },
      { ...ssl, url: 'path /name\nregex "asked=;got=default"', fault: null },
      { ...ssl, lines: 'virtualhost sni.example', url: 'path /name\nregex "asked=;"', fault: null },
      { ...ssl, lines: 'enable_sni\nvirtualhost sni.example', url: sni, fault: null },
      { ...ssl, lines: 'sni_name sni.example', url: onlyTls, fault: null },
      { ...ssl, port: 8444, fault: /HTTP status code error: 400/ },
      { ...ssl, port: 8445, fault: null },
      { ...ssl, port: 8446, fault: null },
      { ...ssl, port: 8080, fault: /Connection failed: / },
      { ...ssl, port: 9001, fault: /Timeout connecting/ },
      { ...ssl, port: 9201, fault: null },
      { ...ssl, port: 9201, url: 'tls_compliant', fault: /SSL read error: no close_notify/ },
      { ...ssl, port: 9202, lines: 'tls_compliant', fault: null },
      { ...ssl, lines: 'tls_compliant', fault: null },
    ]);
  });

  await t.test('TLS: the certificate of the SSL block is shown', async (t) => {
    const identity = `certificate ${folder}/client.pem\nkey ${folder}/client.key\npassword secret`;
    const ssl = { kind: 'SSL_GET', port: 8444 } as const;
    await judge(t, world, [{ ...ssl, fault: null }], `SSL {\n${identity}\n}`);
    const missing = `SSL {\ncertificate ${folder}/none.pem\nkey ${folder}/client.key\n}`;
    await judge(t, world, [{ ...ssl, fault: /Connection failed: .*none\.pem/ }], missing);
  });

  await t.test('genhash prints what that of keepalived prints', async (t) => {
    const verbose = ['-v', '-s', '127.0.0.1', '-u', '/asked'];
    for (const words of [
      ['-s', '127.0.0.1', '-p', '8080', '-u', '/'],
      ['-s', '127.0.0.1', '-p', '8080', '-u', '/large'],
      ['-S', '-s', '127.0.0.1', '-p', '8443', '-u', '/name'],
      ['-S', '-I', '-V', 'sni.example', '-s', '127.0.0.1', '-p', '8443', '-u', '/name'],
      ['-P', '1.1', '-V', 'a.b', '-p', '8080', ...verbose],
      ['-v', '-s', '127.0.0.1', '-p', '9010', '-u', '/'],
    ]) {
      const run = async (program: string): Promise<string> => {
        const text = await namespaces.runAsync('h', program, ...words);
        // The second and the port of the client differ from one run to the next.
        return text.replace(/= \d+ usecs/, '').replaceAll(/\d\d:\d\d:\d\d/g, '');
      };
      const isSame = !words.includes('/asked');
      const [ours, theirs] = [await run(command('genhash')), await run('/usr/bin/genhash')];
      if (isSame) t.equal(ours, theirs, words.join(' '));
      else t.match(ours, /HTTP Header Ascii Buffer[\s\S]*HTML hash final resulting/);
    }
    const refused = namespaces.runAsync('h', command('genhash'), ...verbose, '-p', '9099');
    await t.rejects(refused, /genhash: Connection failed\n/);
  });

  await t.test('servers that misbehave cost their own timeout', async (t) => {
    const chunked = `digest ${md5('c\r\nhello world\n\r\n0\r\n\r\n')}`;
    await judge(t, world, [
      { port: 9001, fault: /Timeout WEB read/ },
      { port: 9002, fault: /Timeout HTTP read/ },
      { port: 9003, fault: /its head is longer than 16384 octets/ },
      { port: 9004, fault: null },
      { port: 9004, url: 'regex b', fault: /Regex match failed in the first MiB/ },
      { port: 9004, url: `digest ${md5('')}`, fault: /longer than 67108864|Timeout HTTP read/ },
      { port: 9005, fault: /Read, no data received/ },
      { port: 9006, fault: /Read error: .*reset/i },
      { port: 9007, lines: 'http_protocol 1.1', url: chunked, fault: null },
      { port: 9008, fault: null },
      { port: 9009, fault: null },
      { port: 9010, fault: /HTTP status code error: there is none/ },
      { port: 9011, fault: /Read error: .*reset/i },
      { port: 9012, fault: null },
      { port: 9013, fault: /Timeout HTTP read/ },
      { port: 9014, fault: null },
      { port: 9099, fault: /Connection failed/ },
    ]);
    t.ok(world.listens(9001), 'and they live on');
  });

  await t.test('a firewall that drops, rejects and resets', async (t) => {
    const rule = (port: number, ...words: string[]) =>
      namespaces.run(
        'h',
        'nft',
        'add',
        'rule',
        'ip',
        'f',
        'in',
        'tcp',
        'dport',
        `${port}`,
        ...words,
      );
    namespaces.run('h', 'nft', 'add', 'table', 'ip', 'f');
    const chain = '{ type filter hook input priority 0; }';
    namespaces.run('h', 'nft', 'add', 'chain', 'ip', 'f', 'in', chain);
    rule(9012, 'drop');
    rule(9008, 'reject');
    rule(9009, 'reject', 'with', 'tcp', 'reset');
    await judge(t, world, [
      { port: 9012, fault: /Timeout connecting/ },
      { port: 9008, fault: /Connection failed/ },
      { port: 9009, fault: /Connection failed/ },
    ]);
    namespaces.run('h', 'nft', 'flush', 'chain', 'ip', 'f', 'in');
    await waitFor('all up', timeoutMs, () => [...world.verdicts.values()].every((isUp) => isUp));
  });

  await t.test('nginx that hangs is down, and up again when it goes on', async (t) => {
    const cases: Case[] = [
      { port: 8080, fault: null },
      { port: 8443, kind: 'SSL_GET', fault: null },
    ];
    await judge(t, world, cases);
    process.kill(world.webPid, 'SIGSTOP');
    await waitFor('down', timeoutMs, () => [...world.verdicts.values()].every((isUp) => !isUp));
    t.match(world.told(addressOf(0), 8080), /^failed \(Timeout WEB read, url \/\) after 1 retries/);
    t.match(world.told(addressOf(1), 8443), /^failed \(Timeout connecting, url \/\)/);
    process.kill(world.webPid, 'SIGCONT');
    await waitFor('up', timeoutMs, () => [...world.verdicts.values()].every((isUp) => isUp));
  });
});
