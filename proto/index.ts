/** The generated messages and service of the contract, `contextforge.mcp.runtime.v1`. */
export {
  type HealthRequest,
  HealthRequestSchema,
  type HealthResponse,
  HealthResponseSchema,
  type McpAuthContext,
  McpAuthContextSchema,
  type McpChunk,
  McpChunkSchema,
  type McpRequest,
  McpRequestSchema,
  type McpResponse,
  McpResponseSchema,
  McpRuntime,
} from './gen/contextforge/mcp/runtime/v1/mcp_runtime_pb.ts';
export {
  type HttpMethod,
  httpMethods,
  type RequestRpc,
  type RpcName,
  requestRpcs,
  rpcNames,
  rpcPath,
} from './rpc.ts';
