import { expect, test } from 'vitest';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { proveGrpcClients } from './prove-grpc-clients.ts';

test.each(['perl', 'toString'])('%s is not a language of a client', async (name) => {
  const proof = proveGrpcClients({ targets: ['embedded'], language: ['node', name] }, () => undefined);
  await expect(proof).rejects.toThrow(UsageError);
  await expect(proof).rejects.toThrow(`${name} is not a language of a client: use python, go`);
});
