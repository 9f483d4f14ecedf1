import { expect, test } from 'vitest';
import type { WireEventJson } from '../../../data/report.ts';
import { layoutOf } from './layout.ts';

function event(at: number, call: string, direction: WireEventJson['direction']): WireEventJson {
  return { at, call, direction, text: 'HEADERS x' };
}

test('has a lane for the kit and for each connection', () => {
  const { lanes, rows, calls } = layoutOf(
    [event(0, 'main#1', 'sent'), event(1, 'other#1', 'sent'), event(2, 'main#1', 'received')],
    false,
  );
  expect(lanes.map(({ name }) => name)).toEqual(['kit', 'main', 'other']);
  expect(layoutOf([event(0, 'main#1', 'sent')], false).lanes.map(({ name }) => name)).toEqual([
    'kit',
    'target',
  ]);
  expect(calls).toEqual(['main#1', 'other#1']);
  expect(rows.map((row) => row.kind === 'event' && [row.from, row.to, row.paint])).toEqual([
    [0, 1, 0],
    [0, 2, 1],
    [1, 0, 0],
  ]);
});

test('has lanes for the client, the gateway and the runtime of a gateway run', () => {
  const { lanes, rows } = layoutOf(
    [
      event(0, 'http#1', 'sent'),
      event(1, 'rpc#1', 'received'),
      event(2, 'rpc#1', 'sent'),
      event(3, 'http#1', 'received'),
    ],
    true,
  );
  expect(lanes.map(({ name }) => name)).toEqual(['client', 'gateway', 'runtime']);
  expect(rows.map((row) => row.kind === 'event' && [row.from, row.to])).toEqual([
    [0, 1],
    [1, 2],
    [2, 1],
    [1, 0],
  ]);
});

test('draws short times to scale and folds long ones', () => {
  const { rows } = layoutOf(
    [event(0, 'a#1', 'sent'), event(100, 'a#1', 'received'), event(5_100, 'a#1', 'received')],
    false,
  );
  const [first, second, gap, last] = rows;
  expect(rows.map(({ kind }) => kind)).toEqual(['event', 'event', 'gap', 'event']);
  expect((second?.y ?? 0) - (first?.y ?? 0)).toBeGreaterThan(24);
  expect(gap).toMatchObject({ milliseconds: 5_000 });
  expect((last?.y ?? 0) - (gap?.y ?? 0)).toBe(24);
});

test('a note stays at the lane of its connection', () => {
  const [row] = layoutOf([event(0, 'main', 'local')], false).rows;
  expect(row).toMatchObject({ from: 1, to: 1 });
});
