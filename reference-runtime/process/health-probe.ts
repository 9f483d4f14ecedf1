import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { create } from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { isObject } from '../../base/is-object.ts';
import { serviceDefinition } from '../../proto/grpc-service.ts';
import { HealthRequestSchema, type HealthResponse, McpRuntime } from '../../proto/index.ts';

const probeMs = 3000;

/** Calls HealthCheck with a time limit of 3 seconds. @returns the `status`, or one line that describes the failure */
export async function probeHealth(socketPath: string): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = serviceDefinition(McpRuntime).healthCheck;
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure());
  try {
    return await new Promise<string>((resolve) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        create(HealthRequestSchema),
        { deadline: Date.now() + probeMs },
        (error: ServiceError | null, response?: HealthResponse) => {
          resolve(response?.status ?? `HealthCheck failed with gRPC status ${error?.code ?? 'unknown'}`);
        },
      );
    });
  } finally {
    client.close();
  }
}

/** Requests `GET /health`, with the same time limit and results as `probeHealth`. */
export async function probeHttpHealth(socketPath: string): Promise<string> {
  const signal = AbortSignal.timeout(probeMs);
  return new Promise<string>((resolve) => {
    const failed = (reason: string) => resolve(`GET /health failed: ${reason}`);
    const outgoing = request({ socketPath, path: '/health', signal }, (incoming) => {
      const isOk = incoming.statusCode === 200;
      json(incoming).then((health) => {
        if (isOk && isObject(health)) resolve(String(health['status']));
        else failed(`status ${incoming.statusCode}`);
      }, failed);
    });
    outgoing.once('error', ({ message }) => failed(message));
    outgoing.end();
  });
}
