// nginx for the checks of web servers, with certificates of an authority of its own.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Certificates as NAME.pem and NAME.key: default, sni, expired, and client (its key encrypted). */
export function makeCertificates(folder: string): void {
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const self = ['req', '-x509', ...key, '-nodes', '-subj', '/CN=Test CA', '-days', '2'];
  openssl(...self, '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const name of ['default', 'sni', 'expired', 'client']) {
    const lock = name === 'client' ? ['-passout', 'pass:secret'] : ['-nodes'];
    const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
    openssl('req', ...key, ...lock, ...request);
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    const days = name === 'expired' ? '0' : '2';
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      '-days',
      days,
      '-out',
      `${name}.pem`,
    );
  }
}

/**
 * 8080 plain; 8443 two names; 8444 wants a client certificate; 8445 an expired one of its own;
 * 8446 old versions of TLS off. One process, so that one signal stops it.
 */
export function webConfig(folder: string): string {
  writeFileSync(join(folder, 'index.html'), 'hello world\n');
  writeFileSync(join(folder, 'large'), `${'x'.repeat(500_000)}end of page`);
  return `daemon off;
master_process off;
user root;
pid ${folder}/nginx.pid;
error_log ${folder}/logs/error.log;
events { worker_connections 512; }
http {
  access_log off;
  root ${folder};
  default_type text/plain;
  server {
    listen 8080;
    location = /asked {
      return 200 "host=$http_host $server_protocol from=$remote_addr $remote_port\\n";
    }
  }
  server {
    listen 8443 ssl default_server;
    server_name default.example;
    ${certificate(folder, 'default')}
    location = /name { return 200 "asked=$ssl_server_name;got=default"; }
  }
  server {
    listen 8443 ssl;
    server_name sni.example;
    ${certificate(folder, 'sni')}
    location = /name { return 200 "asked=$ssl_server_name;got=sni"; }
  }
  server {
    listen 8444 ssl;
    ${certificate(folder, 'default')}
    ssl_verify_client on;
    ssl_client_certificate ${folder}/ca.pem;
  }
  server {
    listen 8445 ssl;
    ${certificate(folder, 'expired')}
  }
  server {
    listen 8446 ssl;
    ssl_protocols TLSv1.3;
    ${certificate(folder, 'sni')}
  }
}
`;
}

function certificate(folder: string, name: string): string {
  return `ssl_certificate ${folder}/${name}.pem; ssl_certificate_key ${folder}/${name}.key;`;
}
