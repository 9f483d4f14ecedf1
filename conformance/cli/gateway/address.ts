import { UsageError } from '../../plan/usage-error.ts';

/** A place to listen on. */
export interface ListenAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST:PORT`, `[IPv6]:PORT` or `PORT` alone, which is on 127.0.0.1.
 * @throws UsageError that names the option
 */
export function readAddress(text: string, flag: string): ListenAddress {
  const match = /^(?:(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]/\s]+)):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) {
    throw new UsageError(`${flag} has to be an address and a port, as in 127.0.0.1:8080, not ${text}`);
  }
  return { host: match.groups?.['six'] ?? match.groups?.['name'] ?? '127.0.0.1', port };
}
