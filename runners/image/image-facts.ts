import { withDeadline } from '../../base/deadline.ts';
import type { ImageFacts } from '../runner.ts';
import { type Docker, dockerMilliseconds } from './docker.ts';

/**
 * Describes an image that Docker already has. Returns undefined if Docker does not describe it, because a report without
 * these facts is better than no run.
 */
export async function describeImage({ api }: Docker, image: string): Promise<ImageFacts | undefined> {
  try {
    const inspected = api.getImage(image).inspect();
    const { Id, RepoDigests, Size } = await withDeadline(
      inspected,
      dockerMilliseconds,
      'inspecting the image',
    );
    return { id: Id, digest: RepoDigests?.[0], sizeBytes: Size };
  } catch {
    return undefined;
  }
}
