import { hostileTargets } from './targets/index.ts';

// node dist/proof/hostile/main.js NAME: starts the hostile target of that name, as --command does.
const [name = ''] = process.argv.slice(2);
const target = hostileTargets[name];
if (target === undefined) {
  process.stderr.write(`no hostile target is named "${name}"\n`);
  process.exit(2);
}
target.start(process.env['MCP_RUNTIME_GRPC_UDS'] ?? '');
