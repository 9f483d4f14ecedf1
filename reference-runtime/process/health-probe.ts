import { create } from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
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
