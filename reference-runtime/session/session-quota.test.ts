import { describe, expect, it } from 'vitest';
import type { Session } from './session.ts';
import { SessionQuota } from './session-quota.ts';

interface State {
  readonly isBusy?: boolean;
  readonly wasUsed?: boolean;
  readonly lastUsed?: number;
}

function session({ isBusy = false, wasUsed = true, lastUsed = 0 }: State = {}): Session {
  return { isBusy, wasUsed, lastUsed } as Session;
}

function quotaOf(maxSessions: number, maxSessionsPerCaller = maxSessions): SessionQuota {
  return new SessionQuota({ maxSessions, maxSessionsPerCaller });
}

describe('SESSION-11: a quota', () => {
  it('limits each owner, including handshakes in flight', () => {
    const quota = quotaOf(10, 2);
    const held = session();
    quota.add('ann', held);
    const release = quota.reserve('ann');
    expect([quota.isUsedUpBy('ann'), quota.isUsedUpBy('bob')]).toEqual([true, false]);
    release();
    expect(quota.isUsedUpBy('ann')).toBe(false);
    quota.add('ann', session());
    expect(quota.isUsedUpBy('ann')).toBe(true);
    quota.remove(held);
    expect(quota.isUsedUpBy('ann')).toBe(false);
  });

  it('leaves a tenth of all sessions to callers with an identity', () => {
    const quota = quotaOf(20, 1);
    for (let count = 0; count < 18; count++) {
      expect(quota.isUsedUpBy(null)).toBe(false);
      quota.add(null, session());
    }
    expect([quota.isUsedUpBy(null), quota.isUsedUpBy('ann'), quota.isUsedUp]).toEqual([true, false, false]);
  });

  it('spares an unused session of the caller with the most sessions', () => {
    const quota = quotaOf(6);
    const [busy, recent, old, unused] = [
      session({ isBusy: true, lastUsed: 1 }),
      session({ lastUsed: 3 }),
      session({ lastUsed: 2 }),
      session({ wasUsed: false, lastUsed: 4 }),
    ];
    for (const each of [busy, recent, old, unused]) quota.add('ann', each);
    quota.add('bob', session());
    quota.add('bob', session());
    expect(quota.isUsedUp).toBe(true);
    expect(quota.spareFor('eve')).toBe(unused);
    expect(quota.spareFor('bob')).toBe(unused);
    expect(quota.spareFor('ann')).toBe(undefined);
    quota.remove(unused);
    expect(quota.spareFor('eve')).toBe(old);
    expect(quota.spareFor('bob')).toBe(undefined);
    quota.remove(old);
    expect(quota.spareFor('eve')).toBe(recent);
    quota.remove(recent);
    quota.remove(busy);
  });

  it('never takes the last session of an owner', () => {
    const quota = quotaOf(2);
    quota.add('ann', session());
    quota.add('bob', session());
    expect(quota.spareFor('eve')).toBe(undefined);
  });
});
