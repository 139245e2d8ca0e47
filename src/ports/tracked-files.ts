// Small files whose content counts, read again when they change.
import type { Result } from 'neverthrow';

export interface TrackedFiles {
  /** The first octets of the file as text; null: it is not there, or cannot be read. */
  read(path: string): Promise<string | null>;
  /** `isNew`: only when there is no such file yet; succeeds also when there is. */
  write(path: string, text: string, isNew: boolean): Promise<Result<void, string>>;
  /** Calls back after changes of the file, also when it comes or goes. Returns the stop. */
  watch(path: string, changed: () => void): () => void;
}
