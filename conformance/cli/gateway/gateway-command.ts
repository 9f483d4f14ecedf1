import { once } from 'node:events';
import { runLong } from '../../../base/start-fast.ts';
import {
  type Authenticator,
  bearerAuthenticator,
  createGateway,
  httpFallback,
  KeySetError,
  keySetFromFile,
  keySetFromUrl,
  type ProtectedResource,
  serveGateway,
  serveMetrics,
} from '../../../gateway/index.ts';
import { describeTarget } from '../../../runners/kinds.ts';
import { reasonOf } from '../../check/report-of.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { openAuditLog } from './audit-log.ts';
import type { GatewayRequest, ListenAddress } from './gateway-options.ts';
import { startRuntime } from './start-runtime.ts';

/** Serves a gateway until it must stop, and then ends everything that the gateway started. @returns the exit code */
export async function gatewayCommand(request: GatewayRequest, context: CommandContext): Promise<number> {
  context.expectSignal();
  try {
    await serve(request, context);
    return 0;
  } catch (error) {
    if (context.signal.aborted) return 0;
    const { message, advice, logs } = reasonOf(error);
    context.warn(`error: ${message} ${advice}${logs.map(({ text }) => `\n  ${text}`).join('')}`);
    return 3;
  }
}

async function serve(request: GatewayRequest, context: CommandContext): Promise<void> {
  const { anonymous, fallback, allowedHosts, allowedOrigins, limits } = request;
  const authenticator = await authenticatorOf(request);
  const warn = (text: string) => context.warn(oneLine(text));
  await using audit = request.auditLog === undefined ? undefined : await openAuditLog(request.auditLog, warn);
  await using started = await startRuntime(request, context);
  await using gateway = createGateway({
    runtime: started.connection,
    anonymous,
    authenticator,
    allowedHosts,
    allowedOrigins,
    limits,
    resource: resourceOf(request),
    audit: audit && ((record) => audit.write(record)),
    fallback: fallback && httpFallback({ url: fallback.url }),
    fallbackWhenDown: fallback?.whenDown,
    logger: { warn: ({ error, code }, message) => warn(`${message}: ${error} (${code})`) },
  });
  await using metrics =
    request.metrics &&
    (await listenAt('--metrics', request.metrics, (address) =>
      serveMetrics(gateway.registry, { ...address, allowedHosts: request.allowedHosts }),
    ));
  await using server = await listenAt('--listen', request.listen, (address) =>
    serveGateway(gateway, address),
  );
  if (metrics) context.output.write(`metrics at ${metrics.url}\n`);
  context.output.write(`${describeTarget(request.target)}\nlistening on ${server.url}/mcp\n`);
  runLong();
  if (!context.signal.aborted) await once(context.signal, 'abort');
}

function resourceOf({ publicUrl, bearer }: GatewayRequest): ProtectedResource | undefined {
  if (publicUrl === undefined || bearer === undefined) return undefined;
  return { origin: publicUrl.origin, authorizationServers: [bearer.issuer] };
}

/** Creates the authenticator. @throws UsageError for an invalid key set */
async function authenticatorOf({ bearer }: GatewayRequest): Promise<Authenticator | undefined> {
  if (bearer === undefined) return undefined;
  const { keys, ...expected } = bearer;
  try {
    return bearerAuthenticator({
      keys: typeof keys === 'string' ? await keySetFromFile(keys) : keySetFromUrl(keys),
      ...expected,
    });
  } catch (error) {
    throw error instanceof KeySetError ? new UsageError(`--jwks: ${error.message}`) : error;
  }
}

/** Starts a server. @throws UsageError if the address is unavailable */
async function listenAt<T>(
  flag: string,
  address: ListenAddress,
  start: (address: ListenAddress) => Promise<T>,
): Promise<T> {
  try {
    return await start(address);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    throw new UsageError(
      `${flag} ${address.host}:${address.port}: cannot listen on this address (${String(error.code)})`,
    );
  }
}
