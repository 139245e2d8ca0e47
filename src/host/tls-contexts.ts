// What TLS connections of health probes are made with. A probe asks whether a server works, not
// who it is: any certificate is accepted, and old versions and ciphers too. The files of an
// identity are read once until they are to be read anew; those that could not be read are tried
// again.
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { err, ok, type Result } from 'neverthrow';
import type { TlsIdentity } from '../ports/flows.js';
import { describeCause } from './sockets.js';

/** Node.js takes a list without any of the first three for a wish to do without TLS 1.3. */
const ciphers =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:' +
  'DEFAULT:@SECLEVEL=0';

export class TlsContexts {
  readonly #contexts = new Map<string, SecureContext>();

  /** The error is a sentence. */
  of(identity: TlsIdentity): Result<SecureContext, string> {
    const key = JSON.stringify(identity);
    const known = this.#contexts.get(key);
    if (known !== undefined) return ok(known);
    return contextOf(identity).map((context) => {
      this.#contexts.set(key, context);
      return context;
    });
  }

  /** The files may be others now. */
  forget(): void {
    this.#contexts.clear();
  }
}

function contextOf(identity: TlsIdentity): Result<SecureContext, string> {
  const { certificateFile, keyFile, authorityFile, keyPassword } = identity;
  const options: SecureContextOptions = { minVersion: 'TLSv1', ciphers };
  for (const [name, path] of [
    ['cert', certificateFile],
    ['key', keyFile],
    ['ca', authorityFile],
  ] as const) {
    if (path === null) continue;
    try {
      options[name] = readFileSync(path);
    } catch (cause) {
      return err(`cannot read ${path}: ${describeCause(cause)}`);
    }
  }
  if (keyPassword !== null) options.passphrase = keyPassword;
  try {
    return ok(createSecureContext(options));
  } catch (cause) {
    const files = [certificateFile, keyFile, authorityFile].filter((path) => path !== null);
    return err(`cannot use ${files.join(', ')}: ${describeTls(cause)}`);
  }
}

/** OpenSSL's own words without the places in its source. */
export function describeTls(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { reason } = cause as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : describeCause(cause);
}
