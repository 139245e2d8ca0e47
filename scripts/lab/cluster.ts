// A whole edge in namespaces of this machine: a client, two load balancers (master and backup) with
// a front and a back network, two nginx servers. The demo shows it; the scenario tests drive it.
//
//   client --- front 192.0.2.0/24 --- lb1, lb2 --- back 198.51.100.0/24 --- web1, web2
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './checkout.js';
import { isAlive, Namespaces, type Started, waitFor } from './namespaces.js';

export type Balancer = 'lb1' | 'lb2';
export type WebServer = 'web1' | 'web2';

export const virtualAddress = '192.0.2.100';
export const balancers: readonly Balancer[] = ['lb1', 'lb2'];
export const webServers: readonly WebServer[] = ['web1', 'web2'];

const hostNumbers = { lb1: 11, lb2: 12, web1: 1, web2: 2 } as const;
const priorities = { lb1: 150, lb2: 100 } as const;
const startTimeoutMs = 60_000;
/** Quick to give up on a connection: the time until the first answer is measured with it. */
const curlOptions = ['-sf', '--connect-timeout', '0.25', '-m', '2'] as const;

export class Cluster {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly #daemons = new Map<Balancer, Started>();
  readonly #web = new Map<WebServer, Started>();

  buildNetwork(): void {
    const { namespaces } = this;
    for (const name of ['net', 'client', ...balancers, ...webServers]) namespaces.add(name);
    for (const bridge of ['front', 'back']) namespaces.addBridge('net', bridge);
    namespaces.connect('client', 'eth0', 'net', 'front');
    namespaces.ip('client', 'address', 'add', '192.0.2.9/24', 'dev', 'eth0');
    for (const name of balancers) {
      namespaces.connect(name, 'eth0', 'net', 'front');
      namespaces.connect(name, 'eth1', 'net', 'back');
    }
    for (const name of webServers) {
      namespaces.connect(name, 'eth0', 'net', 'back');
      namespaces.ip(name, 'address', 'add', `198.51.100.${hostNumbers[name]}/24`, 'dev', 'eth0');
    }
  }

  runtimeDirectory(name: Balancer): string {
    return join(this.folder, name);
  }

  configFile(name: Balancer): string {
    return join(this.folder, `${name}.conf`);
  }

  writeConfig(name: Balancer, text = balancerConfig(name)): void {
    writeFileSync(this.configFile(name), text);
  }

  async startBalancer(name: Balancer): Promise<void> {
    mkdirSync(this.runtimeDirectory(name), { recursive: true, mode: 0o700 });
    const words = [
      ...[process.execPath, command('keepalived')],
      ...['-f', this.configFile(name), '-n', '-l', '-D', '-G'],
      ...['--runtime-dir', this.runtimeDirectory(name)],
    ];
    const started = this.namespaces.start(name, this.logFile(name), words);
    this.#daemons.set(name, started);
    await waitFor(`the data plane of ${name} (${this.logFile(name)})`, startTimeoutMs, () => {
      if (!isAlive(started.pid)) {
        throw new Error(`${name} ended:\n${readFileSync(this.logFile(name), 'utf8')}`);
      }
      return this.dataplanePid(name) !== null;
    });
    this.namespaces.adopt(this.dataplanePid(name) ?? 0);
  }

  logFile(name: Balancer | WebServer): string {
    return join(this.folder, `${name}.log`);
  }

  /** The end of a process's log, for a report of what went wrong. */
  lastLines(name: Balancer | WebServer, count = 15): string {
    const lines = readFileSync(this.logFile(name), 'utf8').trimEnd().split('\n');
    return [`--- ${name}`, ...lines.slice(-count)].join('\n');
  }

  daemonPid(name: Balancer): number {
    return this.#daemons.get(name)?.pid ?? 0;
  }

  dataplanePid(name: Balancer): number | null {
    try {
      const path = join(this.runtimeDirectory(name), 'dataplane.pid');
      const pid = Number(readFileSync(path, 'utf8'));
      return isAlive(pid) ? pid : null;
    } catch {
      return null;
    }
  }

  async startWeb(name: WebServer): Promise<void> {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'nginx.conf'), nginxConfig(name, folder));
    const words = ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')];
    this.#web.set(name, this.namespaces.start(name, this.logFile(name), words));
    const url = `http://198.51.100.${hostNumbers[name]}:8080/`;
    await waitFor(`nginx in ${name}`, startTimeoutMs, () => this.answers(name, url));
  }

  async stopWeb(name: WebServer): Promise<void> {
    await this.namespaces.stop(this.#web.get(name)?.pid ?? 0, 'SIGTERM');
  }

  async answers(from: string, url: string): Promise<boolean> {
    return (await this.curl(from, url)) !== null;
  }

  /** The body, or null when there was none within two seconds. */
  async curl(from: string, url = `http://${virtualAddress}/`): Promise<string | null> {
    try {
      const body = await this.namespaces.runAsync(from, 'curl', ...curlOptions, url);
      return body.trim();
    } catch {
      return null;
    }
  }

  /** One of our tools inside a balancer's namespace: `tool('lb1', 'ipvsadm', '-Ln')`. */
  async tool(name: Balancer, program: string, ...words: string[]): Promise<string> {
    const place = [`KEELSON_RUNTIME_DIR=${this.runtimeDirectory(name)}`];
    const tool = [process.execPath, command(program), ...words];
    return this.namespaces.runAsync(name, 'env', ...place, ...tool);
  }

  async vrrpState(name: Balancer): Promise<string | null> {
    try {
      const status: unknown = JSON.parse(await this.tool(name, 'keelson', 'status', '--json'));
      const { vrrp } = status as { vrrp: readonly { state: string }[] };
      return vrrp[0]?.state ?? null;
    } catch {
      return null;
    }
  }

  async remove(): Promise<void> {
    for (const name of balancers) this.namespaces.adopt(this.dataplanePid(name) ?? 0);
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of one balancer what does not depend on its services: ports, routes, addresses of its own. */
export function wiringConfig(name: Balancer): string {
  const host = hostNumbers[name];
  return `global_defs {
    router_id ${name}
}

dataplane {
    workers 1
    connections 65536
    packet_buffers 8192
    port dpdk0 {
        device net_af_packet,iface=eth0
    }
    port dpdk1 {
        device net_af_packet,iface=eth1
    }
    routes {
        192.0.2.0/24 dev dpdk0
        198.51.100.0/24 dev dpdk1
    }
}

static_ipaddress {
    192.0.2.${host}/24 dev dpdk0.kni
    198.51.100.${host}/24 dev dpdk1.kni
}
`;
}

/** The whole configuration of one balancer: what a user would write. */
export function balancerConfig(name: Balancer, services = webService()): string {
  const host = hostNumbers[name];
  return `${wiringConfig(name)}
local_address_group back {
    198.51.100.${host}1 dpdk1
    198.51.100.${host}2 dpdk1
}

vrrp_instance V_1 {
    state BACKUP
    interface dpdk0.kni
    dpdk_interface dpdk0
    virtual_router_id 51
    priority ${priorities[name]}
    advert_int 1
    virtual_ipaddress {
        ${virtualAddress}/24
    }
}

${services}`;
}

function webService(): string {
  return `virtual_server ${virtualAddress} 80 {
    delay_loop 1
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name back
${webServers.map((web) => realServerConfig(`198.51.100.${hostNumbers[web]}`)).join('\n')}
}
`;
}

function realServerConfig(address: string): string {
  return `
    real_server ${address} 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 1
            retry 1
            delay_before_retry 1
        }
    }`;
}

function nginxConfig(name: WebServer, folder: string): string {
  return `daemon off;
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    server {
        listen 8080;
        root ${folder};
        location = / { return 200 "${name}\\n"; }
    }
}
`;
}
