import { expect, test } from 'vitest';
import { readingOrder } from './reading-order.ts';

const received = {
  grpc: 'OK',
  grpcMessage: '',
  status: 200,
  headers: {},
  headerNames: [],
  text: '{"id":3}',
  message: { id: 3 },
  idToken: '3',
};

test('the status and the message come first, and members that repeat them are folded', () => {
  const { first, folded } = readingOrder(received);
  expect(Object.keys(first as object)).toEqual(['status', 'message', 'headers']);
  expect(Object.keys(folded ?? {})).toEqual(['grpc', 'grpcMessage', 'headerNames', 'text', 'idToken']);
});

test('a member that differs is not folded', () => {
  const { first } = readingOrder(received, new Set(['text']));
  expect(Object.keys(first as object)).toEqual(['status', 'message', 'headers', 'text']);
});

test('the text of a response without a message, and an error of gRPC, are not folded', () => {
  const value = { grpc: 'INTERNAL', grpcMessage: 'broken', text: 'x' };
  expect(readingOrder(value)).toEqual({ first: value });
});

test('other values stay as they are', () => {
  expect(readingOrder('text')).toEqual({ first: 'text' });
  expect(readingOrder([1])).toEqual({ first: [1] });
});
