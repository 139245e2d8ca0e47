// SSL at the root: what SSL_GET checks show to the servers that they check.
import { block, keptTable, setting } from './keywords.js';
import { text } from './text.js';
import { needed } from './word-count.js';

export const sslTable = keptTable({
  password: setting('Password of the key.', needed(text('PASSWORD'))),
  ca: setting('File with the certificates of authorities.', needed(text('PATH'))),
  certificate: setting('File with the certificate to show.', needed(text('PATH'))),
  key: setting('File with the key of the certificate.', needed(text('PATH'))),
});

export const sslRootTable = keptTable({
  SSL: block('Client side of the TLS connections of all SSL_GET checks.', sslTable),
});
