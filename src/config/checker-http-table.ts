// The keywords of HTTP_GET and SSL_GET.
import { connectionTable, formerRetry } from './checker-table.js';
import { block, setting } from './keywords.js';
import { pageDigest } from './page-digest.js';
import { argument, onOff } from './phrases.js';
import { regexTable } from './regex-table.js';
import { statusCodes } from './status-codes.js';
import { text } from './text.js';
import { needed } from './word-count.js';

const protocols = ['1.0', '1.0C', '1.0K', '1.1'] as const;

const protocol = argument('1.0|1.0C|1.0K|1.1', '1.0, 1.0C, 1.0K or 1.1', (written) =>
  protocols.find((one) => one === written.replace(/^1\.0[ck]$/, (text) => text.toUpperCase())),
);

const virtualHost = needed(text('HOST'));

export const urlTable = {
  path: setting('Path of the page, with its query.', text('PATH')),
  digest: setting(
    'MD5, SHA-1 or SHA-256 sum of the page; any other page is a failure.',
    pageDigest,
    { repeats: 'first' },
  ),
  status_code: setting('Status codes of success.', statusCodes, {
    repeats: 'all',
    defaultText: '200-299',
  }),
  virtualhost: setting('Host name that this page is asked for.', virtualHost, {
    defaultText: 'that of the checker',
  }),
  ...regexTable,
};

/** SSL_GET alone has it, for the checker and for each url. */
const tlsTable = {
  tls_compliant: setting(
    'An end of the connection without the closing words of TLS is a failure.',
    onOff,
    { defaultText: 'off, or as the checker has it' },
  ),
};

export const sslUrlTable = { ...urlTable, ...tlsTable };

const getTable = {
  ...connectionTable,
  ...formerRetry,
  virtualhost: setting('Host name that the pages are asked for.', virtualHost, {
    defaultText: 'that of the real_server',
  }),
  http_protocol: setting(
    'Version of HTTP; C adds "Connection: close", K "keep-alive".',
    needed(protocol),
    {
      fallback: '1.0',
    },
  ),
  enable_sni: setting('Send the host name in the TLS handshake.', onOff, { fallback: false }),
  sni_name: setting('Host name in the TLS handshake.', needed(text('HOST')), {
    defaultText: 'virtualhost',
  }),
  fast_recovery: setting('All pages are fetched at once when the server comes back.', onOff, {
    fallback: false,
  }),
};

const urls = 'A page to fetch; there must be one, and all must succeed.';

export const httpGetTable = {
  ...getTable,
  url: block(urls, urlTable, { repeats: 'all' }),
};

export const sslGetTable = {
  ...getTable,
  ...tlsTable,
  url: block(urls, sslUrlTable, { repeats: 'all' }),
};
