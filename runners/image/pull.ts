import type { ImageName } from 'testcontainers';
import { DeadlineError, withDeadline } from '../../base/deadline.ts';
import { badOption, RunnerError } from '../runner.ts';
import { type Docker, dockerMessage } from './docker.ts';

const pullMilliseconds = 10 * 60_000;

/**
 * Makes sure that Docker has an image.
 * @throws RunnerError `image-missing`, or `bad-option` for an invalid image name
 */
export async function provideImage(
  docker: Docker,
  image: string,
  policy: 'never' | 'missing' | 'always',
): Promise<void> {
  const { ImageName } = await import('./testcontainers.ts');
  const name = ImageName.fromString(image);
  const present = await docker.client.image.exists(name).catch((error: unknown) => {
    throw badOption(
      `Docker rejects the image name ${JSON.stringify(image)}: ${dockerMessage(error)}.`,
      'Write NAME, NAME:TAG or NAME@sha256:….',
    );
  });
  if (present && policy !== 'always') return;
  if (policy === 'never') {
    throw new RunnerError(
      'image-missing',
      `There is no image ${image} on this machine, and --pull never forbids pulling it.`,
      'Build it, correct the name (see `docker images`), or drop --pull never.',
    );
  }
  const failure = await pull(docker, name);
  if (failure !== undefined) {
    throw new RunnerError(
      'image-missing',
      present
        ? `The image ${image} could not be pulled: ${failure}.`
        : `There is no image ${image} on this machine, and it could not be pulled: ${failure}.`,
      present
        ? 'Use --pull missing to use the image on this machine.'
        : 'Build it, correct the name (see `docker images`), or log in to its registry.',
    );
  }
}

/**
 * Pulls an image and checks that it exists, because a pull does not report every failure.
 * @returns the reason for a failure, or undefined
 */
async function pull(docker: Docker, name: ImageName): Promise<string | undefined> {
  try {
    await withDeadline(
      docker.client.image.pull(name, { force: true, platform: undefined }),
      pullMilliseconds,
      'pulling the image',
    );
    await docker.client.image.inspect(name);
    return undefined;
  } catch (error) {
    return error instanceof DeadlineError ? error.message : dockerMessage(error);
  }
}
