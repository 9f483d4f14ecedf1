import { McpRequestSchema, McpRuntime } from './gen/contextforge/mcp/runtime/v1/mcp_runtime_pb.ts';

type Methods = typeof McpRuntime.method;

/** The RPCs of the service, as the generated descriptor lists them: `Invoke`, `HealthCheck`, ... */
export type RpcName = Capitalize<keyof Methods & string>;

/** All values of `RpcName`, in the order of the service. */
export const rpcNames: readonly RpcName[] = McpRuntime.methods.map(({ name }) => name as RpcName);

/** The RPCs that take an `McpRequest`. */
export type RequestRpc = {
  [Name in keyof Methods & string]: Methods[Name]['input'] extends typeof McpRequestSchema
    ? Capitalize<Name>
    : never;
}[keyof Methods & string];

/** All values of `RequestRpc`, in the order of the service. */
export const requestRpcs: readonly RequestRpc[] = McpRuntime.methods
  .filter(({ input }) => input.typeName === McpRequestSchema.typeName)
  .map(({ name }) => name as RequestRpc);

/** The path of an RPC on the wire: `/contextforge.mcp.runtime.v1.McpRuntime/Invoke`. */
export function rpcPath(rpc: RpcName): string {
  return `/${McpRuntime.typeName}/${rpc}`;
}

/** The HTTP methods that calls of these RPCs stand for. */
export type HttpMethod = 'POST' | 'GET' | 'DELETE';

/** The HTTP methods that each RPC stands for; the first one is meant by an empty `method` (RPC-5). */
export const httpMethods: Readonly<Record<RequestRpc, readonly [HttpMethod, ...HttpMethod[]]>> = {
  Invoke: ['POST'],
  InvokeStream: ['GET', 'POST'],
  CloseSession: ['DELETE'],
};

/** The RPC that each HTTP method means first: GET is `InvokeStream`, POST is `Invoke`. */
export const rpcOfMethod: ReadonlyMap<string, RequestRpc> = new Map(
  requestRpcs.map((rpc) => [httpMethods[rpc][0], rpc]),
);
