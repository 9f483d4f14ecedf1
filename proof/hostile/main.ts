import { hostileTargets } from './targets/index.ts';

// node dist/proof/hostile/main.js NAME: runs the hostile target with this name. Used with --command.
const [name = ''] = process.argv.slice(2);
const target = hostileTargets[name];
if (target === undefined) {
  process.stderr.write(`unknown hostile target "${name}"\n`);
  process.exit(2);
}
target.start(process.env['MCP_RUNTIME_GRPC_UDS'] ?? '');
