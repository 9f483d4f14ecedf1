import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runnerError } from '../testing/target.ts';
import { parseEnvOptions, readEnvFile } from './env-file.ts';

describe('readEnvFile', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'env-'));
    file = join(folder, 'env');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads lines like Docker', async () => {
    await writeFile(file, '\uFEFFA=1\r\n# comment\n\n  B = "x y" \nC=a=b\nOWN\nABSENT\nEMPTY=');
    await expect(readEnvFile(file, { OWN: 'mine' })).rejects.toThrow(
      `${file}:4: "B " is not a valid variable name.`,
    );
    await writeFile(file, '\uFEFFA=1\r\n# comment\n\n  B= "x y" \nC=a=b\nOWN\nABSENT\nEMPTY=');
    await expect(readEnvFile(file, { OWN: 'mine' })).resolves.toEqual({
      A: '1',
      B: ' "x y" ',
      C: 'a=b',
      OWN: 'mine',
      EMPTY: '',
    });
  });

  it('names the invalid line', async () => {
    await writeFile(file, 'A=1\n\n=2\n');
    expect(await runnerError(readEnvFile(file))).toMatchObject({
      code: 'bad-option',
      message: `${file}:3: "" is not a valid variable name.`,
    });
  });

  it('rejects a value with a NUL character', async () => {
    await writeFile(file, 'A=1\nB=x\0y\n');
    expect(await runnerError(readEnvFile(file))).toMatchObject({
      code: 'bad-option',
      message: `${file}:2: the value of B has a NUL character.`,
    });
  });

  it('reports a missing file', async () => {
    expect(await runnerError(readEnvFile(file))).toMatchObject({
      message: `There is no environment file ${file}.`,
    });
  });
});

it('parses --env', async () => {
  expect(parseEnvOptions(['A=1=2', 'OWN', 'ABSENT'], { OWN: 'mine' })).toEqual({ A: '1=2', OWN: 'mine' });
  expect(await runnerError(() => parseEnvOptions(['1A=2']))).toMatchObject({
    message: '--env 1A=2: "1A" is not a valid variable name.',
  });
});
