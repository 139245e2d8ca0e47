// The words of genhash: keepalived's options, and the algorithm, which is ours.
import { parseArgs } from 'node:util';
import { err, ok, type Result } from 'neverthrow';
import type { HttpProtocol } from '../../config/checkers/http.js';
import type { DigestAlgorithm } from '../../config/page-digest.js';
import { type Endpoint, parseIpAddress } from '../../net/address.js';

export type HashRequest = {
  readonly type: 'hash';
  readonly target: Endpoint;
  readonly path: string;
  /** null: the target. */
  readonly host: string | null;
  readonly isTls: boolean;
  /** null: none is sent. */
  readonly serverName: string | null;
  readonly protocol: HttpProtocol;
  readonly timeoutMs: number;
  readonly mark: number;
  readonly isVerbose: boolean;
  readonly algorithm: DigestAlgorithm;
};

export type GenhashCommand = HashRequest | { readonly type: 'help' };

export const helpText = `Usage: genhash [OPTIONS] -s ADDRESS -p PORT -u PATH
The sum of a page, for "digest" of HTTP_GET and SSL_GET in keepalived.conf.

  -s, --server=ADDRESS         IP address of the web server
  -p, --port=PORT              its port
  -u, --url=PATH               path of the page, with its query
  -S, --use-ssl                ask over TLS; any certificate is accepted
  -I, --use-sni                send the name of -V in the TLS handshake
  -V, --use-virtualhost=HOST   host name to ask for (the address by default)
  -P, --protocol=VERSION       1.0, 1.0c (with "Connection: close") or 1.1 (1.0 by default)
  -t, --timeout=SECONDS        for connecting, and again for the answer (5 by default)
  -m, --fwmark=MARK            mark of the packets
  -a, --algorithm=NAME         md5, sha1 or sha256 (md5 by default)
  -v, --verbose                also show the head and the page
  -h, --help
`;

const options = {
  server: { type: 'string', short: 's' },
  port: { type: 'string', short: 'p' },
  url: { type: 'string', short: 'u' },
  'use-ssl': { type: 'boolean', short: 'S' },
  'use-sni': { type: 'boolean', short: 'I' },
  'use-virtualhost': { type: 'string', short: 'V' },
  protocol: { type: 'string', short: 'P' },
  timeout: { type: 'string', short: 't' },
  fwmark: { type: 'string', short: 'm' },
  algorithm: { type: 'string', short: 'a' },
  verbose: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

const timeoutSMax = 86_400;
const markMax = 0xffff_ffff;
const algorithms = ['md5', 'sha1', 'sha256'] as const;
const protocols: ReadonlyMap<string, HttpProtocol> = new Map([
  ['1.0', '1.0'],
  ['1.0c', '1.0C'],
  ['1.0C', '1.0C'],
  ['1.1', '1.1'],
]);

type Words = ReturnType<typeof read>['values'];

function read(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options, allowPositionals: true });
}

/** The error is a sentence. */
export function parseGenhash(argv: readonly string[]): Result<GenhashCommand, string> {
  let found: ReturnType<typeof read>;
  try {
    found = read(argv);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
  const { values, positionals } = found;
  if (values.help === true) return ok({ type: 'help' });
  if (positionals.length > 0) return err(`unexpected words: ${positionals.join(' ')}`);
  return requestOf(values);
}

function requestOf(values: Words): Result<HashRequest, string> {
  const { server, port, url } = values;
  if (server === undefined || port === undefined || url === undefined) {
    return err('-s, -p and -u are needed');
  }
  const address = parseIpAddress(server);
  if (address.isErr()) return err(`-s needs an IP address, not "${server}"`);
  const portNumber = wholeNumber(port, 1, 65_535);
  if (portNumber === null) return err(`-p needs a port from 1 to 65535, not "${port}"`);
  if (!/^[!-~]+$/.test(url)) return err('-u needs a path without spaces: write %20');
  const timeout = values.timeout ?? '5';
  const timeoutS = wholeNumber(timeout, 1, timeoutSMax);
  if (timeoutS === null) return err(`-t needs seconds from 1 to ${timeoutSMax}, not "${timeout}"`);
  const mark = wholeNumber(values.fwmark ?? '0', 0, markMax);
  if (mark === null) return err(`-m needs a mark from 0 to ${markMax}, not "${values.fwmark}"`);
  const protocol = protocols.get(values.protocol ?? '1.0');
  if (protocol === undefined) return err(`-P needs 1.0, 1.0c or 1.1, not "${values.protocol}"`);
  const algorithm = algorithms.find((one) => one === (values.algorithm ?? 'md5'));
  if (algorithm === undefined) {
    return err(`-a needs ${algorithms.join(', ')}, not "${values.algorithm}"`);
  }
  const host = values['use-virtualhost'] ?? null;
  const isTls = values['use-ssl'] === true;
  return ok({
    type: 'hash',
    target: { address: address.value, port: portNumber },
    path: url,
    host,
    isTls,
    serverName: isTls && values['use-sni'] === true ? host : null,
    protocol,
    timeoutMs: timeoutS * 1000,
    mark,
    isVerbose: values.verbose === true,
    algorithm,
  });
}

function wholeNumber(text: string, min: number, max: number): number | null {
  if (!/^[0-9]{1,10}$/.test(text)) return null;
  const number = Number(text);
  return number >= min && number <= max ? number : null;
}
