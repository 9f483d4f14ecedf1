import type { Server, ServerOptions } from '@grpc/grpc-js';
import { rawRequestServiceDefinition } from '../../proto/grpc-service.ts';
import { McpRuntime } from '../../proto/index.ts';
import type { RuntimeLimits } from '../limits.ts';
import type { Handlers } from './handlers.ts';

/** Lets a server serve the four methods (RPC-1) and no other (RPC-2). */
export function addService(server: Server, handlers: Handlers): void {
  server.addService(rawRequestServiceDefinition(McpRuntime), { ...handlers });
}

/** How large messages of gRPC may be: those received after inflation (LIMIT-2, LIMIT-4), those sent at will. */
export function messageLimits({ maxBodyBytes, maxEnvelopeBytes }: RuntimeLimits): ServerOptions {
  return {
    'grpc.max_receive_message_length': maxBodyBytes + maxEnvelopeBytes,
    'grpc.max_send_message_length': -1,
  };
}
