import { withDeadline } from '../../base/deadline.ts';
import type { ImageFacts } from '../runner.ts';
import { type Docker, dockerMilliseconds } from './docker.ts';

/** The description of an image by Docker. */
export interface ImageDescription {
  readonly facts: ImageFacts;
  /** The user in its configuration. Empty if it names none. */
  readonly user: string;
}

/**
 * Describes an image that Docker already has. Returns undefined if Docker does not describe it, because a report
 * without these facts is better than no run.
 */
export async function describeImage({ api }: Docker, image: string): Promise<ImageDescription | undefined> {
  try {
    const inspected = api.getImage(image).inspect();
    const { Id, RepoDigests, Size, Config } = await withDeadline(
      inspected,
      dockerMilliseconds,
      'inspecting the image',
    );
    return { facts: { id: Id, digest: RepoDigests?.[0], sizeBytes: Size }, user: Config?.User ?? '' };
  } catch {
    return undefined;
  }
}
