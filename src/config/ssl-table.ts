// SSL at the root: what SSL_GET checks show to the servers that they check.
import type { TlsIdentity } from '../ports/flows.js';
import { block, setting } from './keywords.js';
import type { Settings } from './settings.js';
import { text } from './text.js';
import { needed } from './word-count.js';

export const sslTable = {
  password: setting('Password of the key.', needed(text('PASSWORD'))),
  ca: setting('File with the certificates of authorities.', needed(text('PATH'))),
  certificate: setting('File with the certificate to show.', needed(text('PATH'))),
  key: setting('File with the key of the certificate.', needed(text('PATH'))),
};

export const sslRootTable = {
  SSL: block('Client side of the TLS connections of all SSL_GET checks.', sslTable),
};

/** Of several blocks the last one that says something counts. */
export function tlsIdentity(root: Pick<Settings<typeof sslRootTable>, 'all'>): TlsIdentity {
  const last = (name: keyof typeof sslTable): string | null =>
    root
      .all('SSL')
      .flatMap(({ value }) => value.value(name) ?? [])
      .at(-1) ?? null;
  return {
    certificateFile: last('certificate'),
    keyFile: last('key'),
    keyPassword: last('password'),
    authorityFile: last('ca'),
  };
}
