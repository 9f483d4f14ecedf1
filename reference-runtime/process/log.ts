import { destination, pino } from 'pino';
import type { Logger } from '../options.ts';
import type { LogLevel } from './environment.ts';

/** Makes the log of a process: JSON lines on stderr, written before anything else happens. */
export function createLog(level: LogLevel): Logger {
  const log = pino(
    { name: 'mcp-runtime', level, base: { pid: process.pid } },
    destination({ dest: 2, sync: true }),
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}
