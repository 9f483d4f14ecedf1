import { expect, test } from 'vitest';
import type { Reply } from '../callers/reply.ts';
import { DisturbanceLog } from './disturbance-log.ts';
import { type Attempt, Judge } from './judge.ts';
import { type Invariant, Ledger } from './ledger.ts';

const calm = 0;
const disturbed = 1;

function start() {
  const ledger = new Ledger();
  const log = new DisturbanceLog();
  log.begin(disturbed, { failsCalls: true });
  const judge = new Judge(ledger, log);
  const violated = (): readonly Invariant[] =>
    ledger.results().flatMap(({ name, violations }) => (violations > 0 ? [name] : []));
  return { judge, ledger, violated };
}

function attempt(pair: number, hasLostSession?: boolean): Attempt {
  return { pair, what: 'caller 1, ping', startedMs: performance.now(), hasLostSession };
}

function answer(status: number): Reply {
  return { kind: 'answer', status, headers: {}, body: '' };
}

test('a successful answer is accepted, and its content must still be checked', () => {
  const { judge, violated } = start();
  expect(judge.request(attempt(calm), answer(200))).toBe('answered');
  expect(violated()).toEqual([]);
  expect(judge.counts).toEqual({ 200: 1 });
});

test.each<[string, Reply]>([
  ['502', answer(502)],
  ['a broken connection', { kind: 'broken', code: 'ECONNRESET' }],
])('%s is a violation, unless its own pair is disturbed', (_, reply) => {
  const { judge, violated } = start();
  expect(judge.request(attempt(disturbed), reply)).toBe('failed');
  expect(violated()).toEqual([]);
  judge.request(attempt(calm), reply);
  expect(violated()).toEqual(['honesty']);
});

test('the end of a live stream is a violation, unless there is a disturbance', () => {
  const { judge, violated } = start();
  judge.streamEnd(attempt(disturbed));
  expect(violated()).toEqual([]);
  judge.streamEnd(attempt(calm));
  expect(violated()).toEqual(['honesty']);
});

test.each([400, 401, 403, 429, 500])('status %i is never an honest failure', (status) => {
  const { judge, violated } = start();
  judge.request(attempt(disturbed), answer(status));
  expect(violated()).toEqual(['honesty']);
});

test('an unknown session is a violation, unless its runtime has ended', () => {
  const { judge, violated } = start();
  expect(judge.request(attempt(disturbed, true), answer(404))).toBe('session-ended');
  expect(violated()).toEqual([]);
  judge.request(attempt(disturbed, false), answer(404));
  expect(violated()).toEqual(['retention']);
});

test('404 without a session is no honest failure', () => {
  const { judge, violated } = start();
  judge.request(attempt(disturbed), answer(404));
  expect(violated()).toEqual(['honesty']);
});

test('a late request is a violation, even during a disturbance', () => {
  const { judge, violated } = start();
  judge.request(attempt(disturbed), { kind: 'late' });
  expect(violated()).toEqual(['deadline']);
});
