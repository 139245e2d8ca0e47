// PCRE2 by the addon build/Release/regex.node. Expressions that are equal are compiled once: ten
// thousand checkers of one service have one between them.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from 'neverthrow';
import type {
  Expression,
  ExpressionFault,
  ExpressionSettings,
  Expressions,
  MatchOutcome,
} from '../ports/regex.js';

declare const compiledBrand: unique symbol;
type Compiled = { readonly [compiledBrand]: never };

type NativeRegex = {
  compile(
    pattern: Uint8Array,
    options: readonly string[],
    stackStart: number,
    stackMax: number,
  ): Compiled | ExpressionFault;
  match(expression: Compiled, subject: Uint8Array, first: number, last: number): number;
  errorText(error: number): string;
};

/** Those that were not asked for longest are forgotten here, not by who uses them. */
const keptMax = 256;

const stackBytesMax = 0xffff_ffff;

export class HostExpressions implements Expressions {
  readonly #kept = new Map<string, Result<Expression, ExpressionFault>>();

  compile(settings: ExpressionSettings): Result<Expression, ExpressionFault> {
    const key = JSON.stringify(settings);
    const compiled = this.#kept.get(key) ?? compile(settings);
    this.#kept.delete(key);
    this.#kept.set(key, compiled);
    if (this.#kept.size > keptMax) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return compiled;
  }
}

function compile(settings: ExpressionSettings): Result<Expression, ExpressionFault> {
  const { pattern, options, stack } = settings;
  const { start, max } = stack ?? { start: 0, max: 0 };
  const compiled = native().compile(
    new TextEncoder().encode(pattern),
    options,
    Math.min(start, stackBytesMax),
    Math.min(max, stackBytesMax),
  );
  return 'reason' in compiled ? err(compiled) : ok(new NativeExpression(compiled));
}

class NativeExpression implements Expression {
  readonly #compiled: Compiled;

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
  }

  match(subject: Uint8Array, first: number, last: number | null): MatchOutcome {
    const status = native().match(this.#compiled, subject, first, last ?? -1);
    if (status < 0) return { type: 'failed', reason: native().errorText(-status) };
    return { type: status === 0 ? 'not_matched' : 'matched' };
  }
}

let loaded: NativeRegex | null = null;

/** Loaded by the first call: a file without such a check runs without the addon. */
function native(): NativeRegex {
  loaded ??= createRequire(import.meta.url)(addonPath()) as NativeRegex;
  return loaded;
}

/** The same file whether the sources or the compiled sources run. */
function addonPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return join(folder, 'build', 'Release', 'regex.node');
}
