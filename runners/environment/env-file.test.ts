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

  it('takes lines as Docker does', async () => {
    await writeFile(file, '\uFEFFA=1\r\n# comment\n\n  B = "x y" \nC=a=b\nOWN\nABSENT\nEMPTY=');
    await expect(readEnvFile(file, { OWN: 'mine' })).rejects.toThrow(
      `${file}:4: "B " is no name of a variable.`,
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

  it('names the line that is wrong', async () => {
    await writeFile(file, 'A=1\n\n=2\n');
    expect(await runnerError(readEnvFile(file))).toMatchObject({
      code: 'bad-option',
      message: `${file}:3: "" is no name of a variable.`,
    });
  });

  it('refuses a value that no process can be given', async () => {
    await writeFile(file, 'A=1\nB=x\0y\n');
    expect(await runnerError(readEnvFile(file))).toMatchObject({
      code: 'bad-option',
      message: `${file}:2: the value of B has a NUL character.`,
    });
  });

  it('says that there is no such file', async () => {
    expect(await runnerError(readEnvFile(file))).toMatchObject({
      message: `There is no environment file ${file}.`,
    });
  });
});

it('reads --env', async () => {
  expect(parseEnvOptions(['A=1=2', 'OWN', 'ABSENT'], { OWN: 'mine' })).toEqual({ A: '1=2', OWN: 'mine' });
  expect(await runnerError(() => parseEnvOptions(['1A=2']))).toMatchObject({
    message: '--env 1A=2: "1A" is no name of a variable.',
  });
});
