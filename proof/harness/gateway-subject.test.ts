import { describe, expect, it } from 'vitest';
import { loadGatewaySubject } from './gateway-subject.ts';
import { tryFault, tryUntouched } from './subject.ts';

describe('our gateway', async () => {
  const subject = await loadGatewaySubject();
  const { signal } = new AbortController();

  it('passes every case and skips none', { timeout: 180_000 }, async () => {
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
});
