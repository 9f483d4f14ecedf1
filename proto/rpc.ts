import { McpRequestSchema, McpRuntime } from './gen/contextforge/mcp/runtime/v1/mcp_runtime_pb.ts';

type Methods = typeof McpRuntime.method;

/** The RPCs of the service, such as `Invoke` and `HealthCheck`. */
export type RpcName = Capitalize<keyof Methods & string>;

/** All values of `RpcName`, in the order of the service. */
export const rpcNames: readonly RpcName[] = McpRuntime.methods.map(({ name }) => name as RpcName);

/** The RPCs with an `McpRequest`. */
export type RequestRpc = {
  [Name in keyof Methods & string]: Methods[Name]['input'] extends typeof McpRequestSchema
    ? Capitalize<Name>
    : never;
}[keyof Methods & string];

/** All values of `RequestRpc`, in the order of the service. */
export const requestRpcs: readonly RequestRpc[] = McpRuntime.methods
  .filter(({ input }) => input.typeName === McpRequestSchema.typeName)
  .map(({ name }) => name as RequestRpc);

/** Returns the wire path of an RPC, such as `/contextforge.mcp.runtime.v1.McpRuntime/Invoke`. */
export function rpcPath(rpc: RpcName): string {
  return `/${McpRuntime.typeName}/${rpc}`;
}

/** The HTTP methods that the RPCs represent. */
export type HttpMethod = 'POST' | 'GET' | 'DELETE';

/** The HTTP methods of each RPC. The first one is the default for an empty `method` (RPC-5). */
export const httpMethods: Readonly<Record<RequestRpc, readonly [HttpMethod, ...HttpMethod[]]>> = {
  Invoke: ['POST'],
  InvokeStream: ['GET', 'POST'],
  CloseSession: ['DELETE'],
};

/** The primary RPC of each HTTP method, such as `Invoke` for POST. */
export const rpcOfMethod: ReadonlyMap<string, RequestRpc> = new Map(
  requestRpcs.map((rpc) => [httpMethods[rpc][0], rpc]),
);
