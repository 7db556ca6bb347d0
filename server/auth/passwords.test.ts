import { describe, expect, it } from 'vitest';
import { generatePassword, hashPassword, PasswordError, verifyPassword } from './passwords';

describe('passwords', () => {
  it('are hashed with argon2id and a salt of their own, and recognised', async () => {
    const [one, other] = await Promise.all([
      hashPassword('correct horse battery'),
      hashPassword('correct horse battery'),
    ]);
    expect(one).toMatch(/^\$argon2id\$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword(one, 'correct horse battery')).toBe(true);
    expect(await verifyPassword(one, 'correct horse batterz')).toBe(false);
  });

  it('are the same however their accents are composed', async () => {
    const hash = await hashPassword('caf\u00e9 au lait bien');
    expect(await verifyPassword(hash, 'cafe\u0301 au lait bien')).toBe(true);
  });

  it.each([
    ['shorter than 12', 'elevenchars'],
    ['longer than 200', 'ab12'.repeat(51)],
    ['of repeats', 'ababababababab'],
    ['that are common', 'password1234'],
    ['that are sequences', '123456789012'],
    ['on neighbouring keys', 'qwertyuiop12'],
    ['made of the product’s name', 'countersign2026'],
    ['that are the e-mail address', 'maria@example.com'],
    ['made of the name', 'MariaPapadopoulou'],
  ])('%s are refused (M12)', async (_name, password) => {
    await expect(hashPassword(password, ['maria@example.com', 'Maria Papadopoulou'])).rejects.toThrow(PasswordError);
  });

  it('never match a hash that cannot be read', async () => {
    expect(await verifyPassword('', 'correct horse battery')).toBe(false);
    expect(await verifyPassword('$argon2id$broken', 'correct horse battery')).toBe(false);
  });

  it('that are generated are long, different and acceptable', async () => {
    const made = new Set(Array.from({ length: 200 }, generatePassword));
    expect(made.size).toBe(200);
    for (const password of made) expect(password).toMatch(/^([A-HJ-NP-Za-km-z2-9]{5}-){3}[A-HJ-NP-Za-km-z2-9]{5}$/);
    await expect(hashPassword(generatePassword())).resolves.toBeDefined();
  });
});
