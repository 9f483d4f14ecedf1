import { readFileSync } from 'node:fs';

/** The version of the package that this code belongs to, in its sources as in its build. */
export function packageVersion(): string {
  for (const candidate of ['../../package.json', '../../../package.json']) {
    try {
      const about: unknown = JSON.parse(readFileSync(new URL(candidate, import.meta.url), 'utf8'));
      if (typeof about === 'object' && about !== null && 'version' in about) return String(about.version);
    } catch {
      // Sources and build are at different depths: the other place has it.
    }
  }
  return '0.0.0';
}
