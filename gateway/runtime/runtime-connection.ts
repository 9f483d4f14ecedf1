import type {
  CallOptions,
  RuntimeHealth,
  RuntimeRequest,
  RuntimeResponse,
  RuntimeStream,
  StreamOptions,
} from '../../client/index.ts';

/** A stream's response: its head, then its bytes. Reading throws where the stream breaks off. */
export type OpenedStream = Pick<RuntimeStream, 'head' | 'cancel' | typeof Symbol.asyncIterator>;

/** What a gateway needs of its runtime, whatever the transport: a `RuntimeClient` is one. */
export interface RuntimeConnection extends AsyncDisposable {
  /** Whether there is a connection right now. */
  readonly connected: boolean;
  invoke(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  invokeStream(request: RuntimeRequest, options?: StreamOptions): OpenedStream;
  closeSession(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  healthCheck(options?: CallOptions): Promise<RuntimeHealth>;
}
