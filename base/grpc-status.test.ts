import { expect, test } from 'vitest';
import { grpcStatusCode, grpcStatusName } from './grpc-status.ts';

test('converts codes to names and back', () => {
  expect(grpcStatusName(0)).toBe('OK');
  expect(grpcStatusName(16)).toBe('UNAUTHENTICATED');
  for (let code = 0; code <= 16; code += 1) expect(grpcStatusCode(grpcStatusName(code) ?? '')).toBe(code);
});

test('returns undefined for unknown codes and names', () => {
  expect([-1, 17, 1.5].map(grpcStatusName)).toEqual([undefined, undefined, undefined]);
  expect(grpcStatusCode('CANCELED')).toBeUndefined();
});
