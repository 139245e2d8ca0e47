// auth_hmac of a vrrp_instance: the keys that adverts are signed with, and what is asked of those
// of others. Whoever wrote it wants no unsigned adverts: an instance whose keys are wrong is left
// out.
import type { Position } from '../../grammar/syntax-tree.js';
import type { ConfigFiles } from '../ports/config-files.js';
import type { Report } from './diagnostic.js';
import type { Settings } from './settings.js';
import { type HmacKey, hmacKeyOctets, type hmacTable, type vrrpTable } from './vrrp-table.js';

export type SigningKey = {
  /** 1..255 */
  readonly id: number;
  /** 32..64 octets, in hexadecimal digits. */
  readonly digits: string;
};

export type VrrpSigning = {
  /** Each may have signed an advert of another router; their ids differ. */
  readonly keys: readonly SigningKey[];
  /** Signs our adverts; null: they are not signed. */
  readonly active: SigningKey | null;
  readonly takesUnsigned: boolean;
  /** How far the time of a signature may be from ours: 1..300; null: it need only grow. */
  readonly windowSeconds: number | null;
};

export type SigningRequest = {
  readonly name: string;
  readonly settings: Settings<typeof vrrpTable>;
  readonly advertIntervalMs: number;
  readonly isStrict: boolean;
};

type Written = Settings<typeof hmacTable>;

const windowSecondsMin = 5;
const windowSecondsMax = 300;
const fileOctetsMax = 1024;

/** null: there is none; undefined: it is wrong, and `report` has why. */
export function vrrpSigning(
  request: SigningRequest,
  files: ConfigFiles | null,
  report: Report,
): VrrpSigning | null | undefined {
  const found = request.settings.found('auth_hmac');
  if (found === undefined) return null;
  const { value: written, position } = found;
  const keys = keysOf(written, files, report);
  const active = activeOf(written, keys, position, report);
  if (keys === undefined || active === undefined) return undefined;
  const mode = modeOf(written, request, report);
  return {
    keys,
    active: mode === 'receive-only' ? null : active,
    takesUnsigned: mode !== 'enforce',
    windowSeconds: written.value('anti_replay') === 'monotonic' ? null : windowOf(written, request),
  };
}

function keysOf(
  written: Written,
  files: ConfigFiles | null,
  report: Report,
): readonly SigningKey[] | undefined {
  const keys = new Map<number, SigningKey>();
  let isWhole = true;
  for (const { value, position } of written.all('key')) {
    if (keys.has(value.id)) {
      const message = `auth_hmac has a key ${value.id} already; this one is ignored`;
      report.warning('config.duplicate', position, message);
      continue;
    }
    const digits = digitsOf(value, files);
    if (typeof digits !== 'string') {
      report.error('config.unusable_key', position, `key ${value.id}: ${digits.reason}`);
      isWhole = false;
    } else {
      keys.set(value.id, { id: value.id, digits });
    }
  }
  return isWhole ? [...keys.values()] : undefined;
}

function digitsOf(
  { value }: HmacKey,
  files: ConfigFiles | null,
): string | { readonly reason: string } {
  if (!value.startsWith('file:')) return hmacKeyOctets(value) ?? { reason: 'it is no key' };
  const path = value.slice('file:'.length);
  const text = files?.readText(path);
  if (text === undefined) return { reason: `${path} is not read here` };
  if (text.isErr()) return { reason: `cannot read ${path}: ${text.error.reason}` };
  const content = text.value.slice(0, fileOctetsMax).replace(/[\r\n]+$/, '');
  const remedy = 'write 32 to 64 characters, or hex: and their digits, on one line';
  return hmacKeyOctets(content) ?? { reason: `${path} has no key; ${remedy}` };
}

/** The only key, unless active_key says which. */
function activeOf(
  written: Written,
  keys: readonly SigningKey[] | undefined,
  position: Position,
  report: Report,
): SigningKey | undefined {
  const named = written.found('active_key');
  const ids = keys?.map(({ id }) => id).join(', ');
  if (keys === undefined) return undefined;
  if (keys.length === 0) {
    const message = 'auth_hmac has no key; add "key 1 hex:…"';
    report.error('config.missing_keyword', position, message);
    return undefined;
  }
  if (named === undefined) {
    if (keys.length === 1) return keys[0];
    const message = `auth_hmac has keys ${ids}; say with active_key which of them signs`;
    report.error('config.missing_keyword', position, message);
    return undefined;
  }
  const active = keys.find(({ id }) => id === named.value);
  if (active !== undefined) return active;
  const message = `auth_hmac has no key ${named.value}, only ${ids}`;
  report.error('config.unknown_name', named.position, message);
  return undefined;
}

function modeOf(
  written: Written,
  { name, isStrict }: SigningRequest,
  report: Report,
): 'enforce' | 'permissive' | 'receive-only' {
  const mode = written.value('mode');
  if (!isStrict || mode === 'enforce') return mode;
  const position = written.found('mode')?.position;
  const message = `vrrp_instance ${name}: auth_hmac must enforce in strict mode, and does`;
  if (position !== undefined) report.warning('config.ineffective', position, message);
  return 'enforce';
}

function windowOf(written: Written, { advertIntervalMs }: SigningRequest): number {
  const own = written.value('time_window');
  if (own !== undefined) return Math.max(1, Math.round(own / 1000));
  const three = Math.ceil((3 * advertIntervalMs) / 1000);
  return Math.min(Math.max(three, windowSecondsMin), windowSecondsMax);
}
