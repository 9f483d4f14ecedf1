import { expect, test } from 'vitest';
import { Stage } from './stage.ts';

/** Returns a promise and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('one case at a time is on stage, in the order in which they ask', async () => {
  const stage = new Stage();
  const seen: string[] = [];
  const first = await stage.enter();
  const others = ['b', 'c'].map(async (name) => {
    using _ = await stage.enter();
    seen.push(name);
  });
  seen.push('a');
  first[Symbol.dispose]();
  await Promise.all(others);
  expect(seen).toEqual(['a', 'b', 'c']);
});

test('a case that waits aside lets others run, and returns', async () => {
  const stage = new Stage();
  const { opened, open } = gate();
  const waiting = await stage.enter();
  const aside = waiting.aside(opened.then(() => 'value'));
  const other = await stage.enter();
  open();
  expect(stage.isQuiet).toBe(false);
  other[Symbol.dispose]();
  expect(await aside).toBe('value');
  expect(stage.isQuiet).toBe(true);
  waiting[Symbol.dispose]();
});

test('a failed wait also returns to the stage', async () => {
  const stage = new Stage();
  using turn = await stage.enter();
  await expect(turn.aside(Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(stage.isQuiet).toBe(true);
});

test('alone waits until no other case waits aside', async () => {
  const stage = new Stage();
  const { opened, open } = gate();
  const seen: string[] = [];
  const waiting = await stage.enter();
  const aside = waiting.aside(opened).then(() => {
    seen.push('waited');
    waiting[Symbol.dispose]();
  });
  const other = await stage.enter();
  const alone = other.alone().then(() => seen.push('alone'));
  const third = await stage.enter();
  seen.push('third');
  third[Symbol.dispose]();
  open();
  await Promise.all([aside, alone]);
  expect(seen).toEqual(['third', 'waited', 'alone']);
  other[Symbol.dispose]();
});

test('a turn that is over gives up the stage', async () => {
  const stage = new Stage();
  const turn = await stage.enter();
  const aside = turn.aside(Promise.resolve());
  turn[Symbol.dispose]();
  await aside;
  using _ = await stage.enter();
  expect(stage.isQuiet).toBe(true);
});
