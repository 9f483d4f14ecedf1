import { destination, pino } from 'pino';
import type { Logger } from '../options.ts';
import type { EnvironmentSettings } from './environment.ts';

/** Makes the log of a process: JSON lines on stderr, written before anything else happens. */
export function createLog(level: EnvironmentSettings['logLevel']): Logger {
  const base = { pid: process.pid };
  return pino({ name: 'mcp-runtime', level, base }, destination({ dest: 2, sync: true }));
}
