// Where operators read what happened. One line per call, no trailing newline.

export type LogLevel = 'error' | 'warning' | 'notice' | 'info' | 'debug';

export interface Log {
  write(level: LogLevel, line: string): void;
}
