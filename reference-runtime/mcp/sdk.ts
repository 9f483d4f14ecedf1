import { RequestRefused } from '../failures/request-refused.ts';

/** The official SDK as it is loaded. */
export type Sdk = typeof import('@modelcontextprotocol/server');

let loading: Promise<Sdk> | undefined;

/**
 * Loads the SDK, once, when the first session needs it: a process is ready without it.
 *
 * @throws RequestRefused 503 where it cannot be loaded.
 */
export async function loadSdk(): Promise<Sdk> {
  loading ??= import('@modelcontextprotocol/server');
  try {
    return await loading;
  } catch {
    loading = undefined;
    throw new RequestRefused('UNAVAILABLE', { code: 'mcp_unavailable', message: 'MCP is not available' });
  }
}
