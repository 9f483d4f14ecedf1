import type { SocketFile } from '../socket-state.ts';

/** The port on which a relay listens in its container. */
export const relayPort = 7000;

/** The folder that the relay shares with the target. */
export const relayFolder = '/relay';

/**
 * What a relay runs where its image has node: takes TCP connections and joins each to a new one of the socket. Every
 * failure to reach the socket is one line of JSON on stdout, which the kit reads to explain it.
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
fs.chmodSync(folder, 0o777);
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

/** The same for an image with a shell and socat. */
export function socatRelay(folder: string, name: string, port: number): readonly string[] {
  const relay = `socat -d TCP-LISTEN:${port},fork,reuseaddr,nodelay UNIX-CONNECT:"$2"`;
  return [
    'sh',
    '-c',
    `command -v socat >/dev/null || exit 127; chmod 0777 "$1" && echo '{"listening":true}' && exec ${relay}`,
    'relay',
    folder,
    `${folder}/${name}`,
  ];
}

/** What a relay last said about reaching the socket. */
export type RelayFact =
  | { readonly kind: 'connected' }
  | ({ readonly kind: 'failed'; readonly code: string; readonly socket?: boolean } & SocketFile);

/** Reads a line that a relay wrote, of either sort; undefined for one that says nothing about the socket. */
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
