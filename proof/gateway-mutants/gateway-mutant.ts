import type { ServerOptions } from 'node:http';
import type { RuntimeRequest } from '../../client/index.ts';
import type {
  Authenticator,
  GatewayAnswer,
  GatewayOptions,
  GatewayRequest,
  NodeHandler,
  RuntimeConnection,
} from '../../gateway/index.ts';
import type { McpChunk, McpRequest } from '../../proto/index.ts';

/** The HTTP request, as it came, that a call of the runtime is made for. */
export type HttpOf = (request: RuntimeRequest) => GatewayRequest | undefined;

/** Our gateway with one fault, put around it or between it and the wire. */
export interface GatewayMutant {
  /** Unique; lower-case words with hyphens. */
  readonly name: string;
  /** The clause of `proto/CONTRACT.md` that it breaks. */
  readonly clause: string;
  /** What it does wrong, in one line. */
  readonly about: string;
  /** Options of the gateway. */
  readonly options?: Partial<GatewayOptions>;
  /** Options of the HTTP server. */
  readonly server?: ServerOptions;
  /** Between the HTTP server and the gateway. */
  readonly handler?: (next: NodeHandler) => NodeHandler;
  /** What the gateway takes for the request. */
  readonly request?: (request: GatewayRequest) => GatewayRequest;
  /** How the gateway finds out who calls. */
  readonly authenticator?: (inner: Authenticator) => Authenticator;
  /** Around what reaches the runtime. Made once for each gateway. */
  readonly connection?: (inner: RuntimeConnection, httpOf: HttpOf) => RuntimeConnection;
  /** The message of a call, on its way to the wire. */
  readonly message?: (message: McpRequest, http: GatewayRequest) => McpRequest;
  /** A chunk of a stream, on its way from the wire; undefined: it gets lost. */
  readonly chunk?: (chunk: McpChunk) => McpChunk | undefined;
  /** What the gateway answers. */
  readonly answer?: (answer: GatewayAnswer, http: GatewayRequest) => GatewayAnswer;
  /** Around all of it. Made once for each gateway. */
  readonly around?: () => (
    next: (request: GatewayRequest) => Promise<GatewayAnswer>,
  ) => (request: GatewayRequest) => Promise<GatewayAnswer>;
}
