import { describe, expect, it } from 'vitest';
import type { GatewayFault } from './fault.ts';
import { loadGatewaySubject } from './gateway-subject.ts';
import { tryFault, tryUntouched } from './subject.ts';

describe('our gateway', async () => {
  const subject = await loadGatewaySubject();
  const { signal } = new AbortController();

  it('passes every case without skips', { timeout: 180_000 }, async () => {
    expect(await tryUntouched(subject, signal)).toEqual([]);
  });

  it.each(['cookies-pass', 'streams-outlive-callers', 'broken-streams-end-well'])(
    'fails a case of the clause with the fault %s',
    { timeout: 60_000 },
    async (name) => {
      const fault = subject.faults.find((each) => each.name === name);
      if (fault === undefined) throw new Error(`unknown fault ${name}`);
      const trial = await tryFault(subject, fault, { wholeSuite: false, signal });
      expect(trial?.failed).not.toEqual([]);
    },
  );

  it('passes if its 502 responses describe the failure in ordinary words', { timeout: 120_000 }, async () => {
    const body = Buffer.from(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Runtime unavailable: no gRPC transport"}}',
    );
    const wordy: GatewayFault = {
      subject: 'gateway',
      expects: 'caught',
      name: 'wordy',
      clause: 'GW-43',
      about: 'The gateway describes failures in ordinary words',
      answer: (answer) => (answer.status === 502 ? { ...answer, body } : answer),
    };
    const trial = await tryFault(subject, wordy, { wholeSuite: false, signal });
    expect(trial?.failed).toEqual([]);
    expect(trial?.passed).toBeGreaterThanOrEqual(5);
  });
});
