import t from 'tap';
import type { HttpCheck } from '../../../src/config/checkers/http.js';
import { complaints, configOf } from '../text.js';

const around = (root: string, service: string, server: string) => `${root}
dataplane {
port a {
device net_null
}
}
virtual_server 192.0.2.10 80 {
lb_kind NAT
lb_algo rr
protocol TCP
${service}
real_server 192.0.2.20 8080 {
${server}
}
}
`;

function checksOf(server: string, service = '', root = ''): readonly HttpCheck[] {
  const { config } = configOf(around(root, service, server));
  return (config.virtualServers[0]?.realServers[0]?.checkers ?? []) as readonly HttpCheck[];
}

t.test('what is not said has the defaults of keepalived', (t) => {
  t.same(checksOf('HTTP_GET {\nurl {\npath /\n}\n}'), [
    {
      type: 'HTTP_GET',
      retry: 1,
      delayBeforeRetryMs: 3000,
      delayLoopMs: 60_000,
      warmupMs: 60_000,
      startsDown: false,
      logsAllFailures: false,
      target: { address: '192.0.2.20', port: 8080 },
      source: null,
      sourcePort: null,
      sourceInterface: null,
      mark: 0,
      connectTimeoutMs: 5000,
      pages: [
        {
          path: '/',
          host: null,
          serverName: null,
          statusCodes: [{ first: 200, last: 299 }],
          digest: null,
          expression: null,
          needsCleanEnd: false,
        },
      ],
      httpProtocol: '1.0',
      recoversFast: false,
      tlsIdentity: null,
    },
  ]);
  t.end();
});

t.test('what is said', (t) => {
  const url = [
    'path /x',
    `digest ${'A'.repeat(32)}`,
    'status_code 200 204-206',
    'status_code 304',
    'regex "a.b"',
    'regex_no_match',
    'regex_options caseless dotall',
    'regex_options caseless utf',
    'regex_min_offset 10',
    'regex_max_offset 4096',
    'regex_stack 1000 2000',
  ];
  const lines = 'http_protocol 1.0c\nfast_recovery\nnb_get_retry 4';
  t.match(checksOf(`HTTP_GET {\n${lines}\nurl {\n${url.join('\n')}\n}\n}`), [
    {
      retry: 4,
      httpProtocol: '1.0C',
      recoversFast: true,
      pages: [
        {
          path: '/x',
          digest: { algorithm: 'md5', digits: 'a'.repeat(32) },
          statusCodes: [
            { first: 200, last: 200 },
            { first: 204, last: 206 },
            { first: 304, last: 304 },
          ],
          expression: {
            pattern: 'a.b',
            options: ['caseless', 'dotall', 'utf'],
            stack: { start: 1000, max: 2000 },
            isForbidden: true,
            offsetMin: 10,
            offsetMax: 4096,
          },
        },
      ],
    },
  ]);
  t.end();
});

t.test('the nearest virtualhost counts, for each page', (t) => {
  const url = (lines: string) => `url {\npath /\n${lines}\n}`;
  const hosts = (server: string, service = '') =>
    checksOf(server, service)[0]?.pages.map(({ host }) => host);
  const check = `HTTP_GET {\n${url('')}\n}`;
  t.same(hosts(check, 'virtualhost service'), ['service']);
  t.same(hosts(`virtualhost server\n${check}`, 'virtualhost service'), ['server']);
  const both = `HTTP_GET {\nvirtualhost check\n${url('')}\n${url('virtualhost page')}\n}`;
  t.same(hosts(`virtualhost server\n${both}`), ['check', 'page']);
  t.end();
});

t.test('names of the handshake', (t) => {
  const url = 'url {\npath /\n}';
  const names = (lines: string) => checksOf(`SSL_GET {\n${lines}\n${url}\n}`)[0]?.pages[0];
  t.match(names('virtualhost a'), { serverName: null });
  t.match(names('virtualhost a\nenable_sni'), { serverName: 'a' });
  t.match(names('virtualhost a\nsni_name b'), { host: 'a', serverName: 'b' });
  t.match(names('enable_sni'), { serverName: null }, 'an address is no name');
  t.end();
});

t.test('TLS: the files of the SSL block, and ends that must be clean', (t) => {
  const pages = 'tls_compliant\nurl {\npath /\n}\nurl {\npath /b\ntls_compliant off\n}';
  const ssl = 'SSL {\ncertificate /c\nkey /k\n}\nSSL {\nkey /other\nca /a\npassword p\n}';
  const [check] = checksOf(`SSL_GET {\n${pages}\n}`, '', ssl);
  t.same(check?.tlsIdentity, {
    certificateFile: '/c',
    keyFile: '/other',
    keyPassword: 'p',
    authorityFile: '/a',
  });
  t.same(
    check?.pages.map(({ needsCleanEnd }) => needsCleanEnd),
    [true, false],
  );
  t.end();
});

t.test('a check without pages, and a page without a path, are left out', (t) => {
  t.same(
    checksOf('HTTP_GET {\n}\nTCP_CHECK {\n}').map(({ type }) => type),
    ['TCP_CHECK'],
  );
  t.equal(checksOf('HTTP_GET {\nurl {\n}\nurl {\npath /a\n}\n}')[0]?.pages.length, 1);
  t.same(checksOf('SSL_GET {\nurl {\nstatus_code 200\n}\n}'), []);
  t.end();
});

t.test('sums are told apart by their length', (t) => {
  const algorithm = (length: number) =>
    checksOf(`HTTP_GET {\nurl {\npath /\ndigest ${'0'.repeat(length)}\n}\n}`)[0]?.pages[0]?.digest
      ?.algorithm;
  t.same([32, 40, 64].map(algorithm), ['md5', 'sha1', 'sha256']);
  const wrong = around('', '', 'HTTP_GET {\nurl {\npath /\ndigest 123\n}\n}');
  t.match(complaints(wrong), [/digest/]);
  t.end();
});

t.test('offsets that leave nothing are left out', (t) => {
  const url = 'path /\nregex a\nregex_min_offset 9\nregex_max_offset 5';
  const [check] = checksOf(`HTTP_GET {\nurl {\n${url}\n}\n}`);
  t.match(check?.pages[0]?.expression, { offsetMin: 0, offsetMax: null });
  t.end();
});
