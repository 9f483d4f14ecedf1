/**
 * The source of a stdio MCP server for tests, to run with `node -e`. Each of its methods has one behaviour. It writes
 * JSON text itself, so that tests can check that the text survives.
 */
export const stdioProgram = String.raw`
const { createInterface } = require('node:readline');
const write = (line) => process.stdout.write(line + '\n');
const pending = new Map();
const methods = {
  initialize: (id, { protocolVersion }) =>
    write('{"jsonrpc":"2.0","id":' + id + ',"result":{"protocolVersion":"' +
      (process.env.REVISION ?? protocolVersion) + '","capabilities":{"logging":{}},' +
      '"serverInfo":{"name":"fake","version":"1"}}}'),
  ping: (id) => write('{ "result": {}, "id": ' + id + ', "jsonrpc": "2.0" }\r'),
  line: (id, _, line) => write('{"jsonrpc":"2.0","id":' + id + ',"result":{"line":' + JSON.stringify(line) +
    ',"big":12345678901234567890,"more":[1.50]}}'),
  pid: (id) => write(JSON.stringify({ jsonrpc: '2.0', id, result: { pid: process.pid, env: process.env } })),
  exit: () => process.exit(7),
  silent: () => {},
  noise: (id) => {
    write('Listening on stdio');
    write('');
    write('[]');
    process.stderr.write('one\ntwo\n');
    methods.ping(id);
  },
  huge: () => process.stdout.write('x'.repeat(70000)),
  internal: (id) => write('{"jsonrpc":"2.0","id":' + id + ',"error":{"code":-32603,"message":"/secret"}}'),
  own: (id) => write('{"jsonrpc":"2.0","id":' + id + ',"error":{"code":-32042,"message":"own","data":{"a":1}}}'),
  'tools/call': (id, { name, _meta }) => {
    const token = JSON.stringify(_meta?.progressToken);
    write('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":' + token + ',"progress":1.0}}');
    write('{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"' + name + '"}}');
    methods.line(id, {}, name);
  },
  ask: (id, { method }) => {
    pending.set('q', id);
    write('{"jsonrpc":"2.0","id":"q","method":"' + method + '","params":{"big":12345678901234567890}}');
  },
  'notifications/change': () =>
    write('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result, error } = JSON.parse(line);
  if (method !== undefined) methods[method]?.(id, params ?? {}, line);
  else methods.line(pending.get(id), {}, line);
});
if (process.env.STUBBORN) {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
}
`;
