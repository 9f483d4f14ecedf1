import type { SocketFile } from '../socket-state.ts';

/** The port of a relay in its container. */
export const relayPort = 7000;

/** The folder shared by the relay and the target. */
export const relayFolder = '/relay';

/**
 * The relay for an image with node. It forwards each TCP connection to a new socket connection. It writes every
 * failure to reach the socket as one line of JSON to stdout, from which the kit makes a diagnosis.
 */
export const nodeRelay: readonly string[] = [
  'node',
  '-e',
  `
const net = require('node:net'), fs = require('node:fs');
const [folder, name, port] = process.argv.slice(1);
const path = folder + '/' + name;
const tell = (fact) => process.stdout.write(JSON.stringify(fact) + '\\n');
const seen = () => {
  try {
    const { mode, uid, gid } = fs.statSync(path);
    return { mode: (mode & 0o7777).toString(8).padStart(4, '0'), uid, gid, socket: fs.statSync(path).isSocket() };
  } catch { return {}; }
};
let last;
const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
  const target = net.connect({ path, allowHalfOpen: true });
  caller.pipe(target).pipe(caller);
  target.on('error', (error) => {
    const fact = { failure: error.code, ...seen() };
    if (JSON.stringify(fact) !== last) { last = JSON.stringify(fact); tell(fact); }
    caller.resetAndDestroy();
  });
  target.on('connect', () => { if (last !== 'connected') { last = 'connected'; tell({ connected: true }); } });
  target.on('close', () => caller.destroySoon());
  caller.on('error', () => target.destroy());
  caller.on('close', () => target.destroy());
});
server.listen(Number(port), '0.0.0.0', () => tell({ listening: true }));
`,
];

/** The relay for an image with a shell and socat. */
export function socatRelay(folder: string, name: string, port: number): readonly string[] {
  const relay = `socat -d TCP-LISTEN:${port},fork,reuseaddr,nodelay UNIX-CONNECT:"$2"`;
  return [
    'sh',
    '-c',
    `command -v socat >/dev/null || exit 127; echo '{"listening":true}' && exec ${relay}`,
    'relay',
    folder,
    `${folder}/${name}`,
  ];
}

/** The result of a relay's attempt to reach the socket, as the relay reports it. */
export type RelayFact =
  | { readonly kind: 'connected' }
  | ({ readonly kind: 'failed'; readonly code: string; readonly socket?: boolean } & SocketFile);

/** Parses a log line of either relay. Returns undefined for a line that is not about the socket. */
export function readRelayLine(line: string): RelayFact | undefined {
  if (line.startsWith('{')) {
    const fact = JSON.parse(line) as Record<string, unknown>;
    if (fact['connected'] === true) return { kind: 'connected' };
    return typeof fact['failure'] === 'string'
      ? ({ kind: 'failed', code: fact['failure'], ...fact } as RelayFact)
      : undefined;
  }
  const failures = {
    'No such file': 'ENOENT',
    'Connection refused': 'ECONNREFUSED',
    'Permission denied': 'EACCES',
  };
  const found = Object.entries(failures).find(([text]) => line.includes(text));
  return found === undefined ? undefined : { kind: 'failed', code: found[1] };
}
