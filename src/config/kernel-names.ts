// The kernel's numbers by the names that iproute2 has for them: tables, protocols, scopes, realms,
// interface groups, types of service. What every machine knows is built in; the machine's files,
// "NUMBER NAME" a line, add to it. A name with several numbers means the lowest, as for ip(8):
// FRR adds a second "static" to the protocols.
import type { Position } from '../../grammar/syntax-tree.js';
import type { ConfigFiles } from '../ports/config-files.js';
import type { Report } from './diagnostic.js';

export type NameKind = 'table' | 'protocol' | 'scope' | 'realm' | 'group' | 'tos';

const uint32Max = 4_294_967_295;
const kinds: Readonly<
  Record<NameKind, { readonly file: string; readonly max: number; readonly built: object }>
> = {
  table: { file: 'rt_tables', max: uint32Max, built: { local: 255, main: 254, default: 253 } },
  protocol: {
    file: 'rt_protos',
    max: 255,
    built: { unspec: 0, redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9, keepalived: 18 },
  },
  scope: {
    file: 'rt_scopes',
    max: 255,
    built: { global: 0, universe: 0, site: 200, link: 253, host: 254, nowhere: 255 },
  },
  realm: { file: 'rt_realms', max: 65_535, built: { cosmos: 0 } },
  group: { file: 'group', max: uint32Max, built: { default: 0 } },
  tos: { file: 'rt_dsfield', max: 255, built: {} },
};

export const defaultNameFolders = { usr: '/usr/share/iproute2', etc: '/etc/iproute2' } as const;

export class KernelNames {
  readonly #files: ConfigFiles | null;
  readonly #folders: readonly string[];
  readonly #read = new Map<NameKind, ReadonlyMap<string, number>>();

  /** `files` null: only what is built in. The last of `folders` is for the administrator. */
  constructor(files: ConfigFiles | null, folders: readonly string[]) {
    this.#files = files;
    this.#folders = folders;
  }

  /** undefined: it is neither a number nor a name; `report` has it. */
  number(kind: NameKind, word: string, position: Position, report: Report): number | undefined {
    const { max, file } = kinds[kind];
    const value = numberOf(word) ?? this.#names(kind).get(word);
    if (value !== undefined && value <= max) return value;
    const remedy = `write a number, 0-${max}, or add the name to ${this.#folders.at(-1)}/${file}`;
    const message = `"${word}" is no ${kind} that is known here; ${remedy}`;
    report.error('config.unknown_name', position, message);
    return undefined;
  }

  #names(kind: NameKind): ReadonlyMap<string, number> {
    const known = this.#read.get(kind);
    if (known !== undefined) return known;
    const { file, built } = kinds[kind];
    const names = new Map<string, number>(Object.entries(built));
    for (const folder of this.#folders) {
      this.#addFile(`${folder}/${file}`, names);
      const more = this.#files?.list(`${folder}/${file}.d`).unwrapOr([]) ?? [];
      for (const name of more.filter((one) => one.endsWith('.conf')).toSorted()) {
        this.#addFile(`${folder}/${file}.d/${name}`, names);
      }
    }
    this.#read.set(kind, names);
    return names;
  }

  #addFile(path: string, names: Map<string, number>): void {
    if (this.#files === null || this.#files.kind(path) !== 'file') return;
    const text = this.#files.readText(path).unwrapOr('');
    for (const line of text.split('\n')) {
      const found = /^\s*(0x[0-9a-fA-F]+|[0-9]+)\s+([^\s#]+)/.exec(line);
      const value = numberOf(found?.[1] ?? '');
      const name = found?.[2] ?? '';
      if (value !== undefined) names.set(name, Math.min(value, names.get(name) ?? value));
    }
  }
}

/** Decimal or hexadecimal. */
export function numberOf(text: string): number | undefined {
  return /^(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(text) ? Number(text) : undefined;
}
