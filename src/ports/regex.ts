// Regular expressions of PCRE2, which match octets.
import type { Result } from 'neverthrow';

/** How an expression is compiled: the names of PCRE2's PCRE2_* bits in lower case. */
export type ExpressionOption =
  | 'allow_empty_class'
  | 'alt_bsux'
  | 'alt_circumflex'
  | 'alt_verbnames'
  | 'auto_callout'
  | 'caseless'
  | 'dollar_endonly'
  | 'dotall'
  | 'dupnames'
  | 'extended'
  | 'firstline'
  | 'match_unset_backref'
  | 'multiline'
  | 'never_backslash_c'
  | 'never_ucp'
  | 'never_utf'
  | 'no_auto_capture'
  | 'no_auto_possess'
  | 'no_dotstar_anchor'
  | 'no_start_optimize'
  | 'ucp'
  | 'ungreedy'
  | 'use_offset_limit'
  | 'utf';

export type ExpressionSettings = {
  readonly pattern: string;
  readonly options: readonly ExpressionOption[];
  /** Octets of the stack that matching starts with and may grow to; null: as PCRE2 has it. */
  readonly stack: { readonly start: number; readonly max: number } | null;
};

/** PCRE2's own sentence, and the octet of the pattern that it is about. */
export type ExpressionFault = { readonly reason: string; readonly offset: number };

export type MatchOutcome =
  | { readonly type: 'matched' }
  | { readonly type: 'not_matched' }
  /** Too much work, or octets that the expression cannot take: PCRE2's own sentence. */
  | { readonly type: 'failed'; readonly reason: string };

export interface Expression {
  /**
   * Whether a match begins at one of the octets `first` to `last`; null: up to the end. What comes
   * before `first` may be looked back at. The work is bounded, so that no subject holds the thread.
   */
  match(subject: Uint8Array, first: number, last: number | null): MatchOutcome;
}

export interface Expressions {
  compile(settings: ExpressionSettings): Result<Expression, ExpressionFault>;
}
