import { describe, expect, it } from 'vitest';
import { loadGatewaySubject } from './gateway-subject.ts';
import { tryFault, tryUntouched } from './subject.ts';

describe('our gateway', async () => {
  const subject = await loadGatewaySubject();
  const { signal } = new AbortController();

  it('passes every case, with none skipped', { timeout: 180_000 }, async () => {
    expect(await tryUntouched(subject, signal)).toEqual([]);
  });

  it.each(['cookies-pass', 'streams-outlive-callers', 'broken-streams-end-well'])(
    'with the fault %s is caught by a case of that clause',
    { timeout: 60_000 },
    async (name) => {
      const fault = subject.faults.find((each) => each.name === name);
      if (fault === undefined) throw new Error(`there is no fault ${name}`);
      const trial = await tryFault(subject, fault, { wholeSuite: false, signal });
      expect(trial?.failed).not.toEqual([]);
    },
  );
});
