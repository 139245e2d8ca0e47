// The version that every command prints.

export const version = '0.1.0';

export function versionText(program: string): string {
  return `${program} ${version} (Keelson)\n`;
}
