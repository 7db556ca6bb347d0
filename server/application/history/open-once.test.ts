import { expect, it, vi } from 'vitest';
import { openOnce } from './open-once';

it('opens once for all callers, and again after it was taken', async () => {
  const open = vi.fn(async () => 'open');
  const once = openOnce(open);
  expect(once.take()).toBeNull();
  expect(await Promise.all([once.get(), once.get()])).toEqual(['open', 'open']);
  expect(open).toHaveBeenCalledTimes(1);
  expect(await once.take()).toBe('open');
  await once.get();
  expect(open).toHaveBeenCalledTimes(2);
});

it('tries again after an opening that failed', async () => {
  const open = vi.fn(async () => 'open').mockRejectedValueOnce(new Error('no memory'));
  const once = openOnce(open);
  const both = await Promise.allSettled([once.get(), once.get()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await once.get()).toBe('open');
  expect(open).toHaveBeenCalledTimes(2);
});
