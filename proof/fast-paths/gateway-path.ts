import { UsageMeter } from '../../conformance/bench/measure/usage-meter.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import type { FastPath, Side, StartContext } from './fast-path.ts';
import { addressIn, startNodeProgram } from './node-program.ts';

const listening = /^listening on http:\/\/127\.0\.0\.1:(\d+)\/mcp$/m;

/**
 * The gateway, compared with a bare proxy of `node:http`: HTTP/1.1 in, and HTTP/1.1 out to a Unix domain socket. Behind
 * both, a program answers with prepared bytes, so that the comparison covers only the gateway and the proxy.
 */
export const gatewayPath: FastPath = {
  name: 'gateway',
  about: 'the gateway over gRPC against a bare node:http proxy, both in front of a canned upstream',
  bar: 1.5,
  async start(context) {
    const upstream = await cannedUpstream('canned-http', context);
    const words = ['proof/fast-paths/node/bare-proxy.js', upstream];
    return {
      product: await gatewaySide('gateway', 'echo-0.2k', context),
      floor: await sideOf('node:http proxy', 'echo-0.2k', { words, context }),
    };
  },
};

/** A streamed POST through the gateway, compared with a unary one through the same gateway. */
export const gatewayStreamPath: FastPath = {
  name: 'gateway-stream',
  about: 'a streamed POST through the gateway against a unary one',
  bar: 1.3,
  async start(context) {
    const floor = await gatewaySide('unary POST', 'echo-0.2k', context);
    return { product: { ...floor, name: 'streamed POST', workload: 'stream' }, floor };
  },
};

async function gatewaySide(name: string, workload: string, context: StartContext): Promise<Side> {
  const upstream = await cannedUpstream('canned-grpc', context);
  const flags = ['--transport', 'grpc', '--listen', '127.0.0.1:0', '--anonymous', 'allow'];
  const words = ['cli/main.js', 'gateway', '--socket', upstream, ...flags];
  return sideOf(name, workload, { words, context });
}

async function sideOf(
  name: string,
  workload: string,
  { words, context }: { readonly words: readonly string[]; readonly context: StartContext },
): Promise<Side> {
  const { instance, line } = await startNodeProgram(words, listening, context);
  return {
    name,
    workload,
    endpoint: { address: addressIn(line), protocol: 'gateway' },
    usage: await UsageMeter.of(() => instance.mainProcess()),
  };
}

/** Starts an upstream. @returns the path of its socket */
async function cannedUpstream(
  program: 'canned-grpc' | 'canned-http',
  context: StartContext,
): Promise<string> {
  const { hostPath } = context.scope.own(await makeFolderPlace());
  await startNodeProgram([`proof/fast-paths/node/${program}.js`, hostPath], /^ready$/m, context);
  return hostPath;
}
