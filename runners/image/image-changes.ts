import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../../base/error-message.ts';
import { connectDocker, type DockerApi } from './docker.ts';

const reconnectMs = 2_000;

/** Options for watching images. */
export interface ImageChangesOptions {
  /** Names of images, such as `my-runtime:latest`. */
  readonly images: readonly string[];
  /** Called with the name of an image that now has another id. */
  readonly onChange: (image: string) => void;
  /** Called with one line if the events of the daemon end. */
  readonly warn: (message: string) => void;
}

/**
 * Follows the events of the Docker daemon until disposed of. Reconnects if the daemon restarts.
 * @throws RunnerError `docker-unavailable`
 */
export async function watchImages(options: ImageChangesOptions): Promise<AsyncDisposable> {
  const { images, onChange } = options;
  const { api } = await connectDocker();
  const end = new AbortController();
  const ids = new Map(await Promise.all(images.map(async (name) => [name, await idOf(api, name)] as const)));
  const compare = async (): Promise<void> => {
    for (const name of images) {
      const id = await idOf(api, name);
      // A removed image does not start a run: a build or a pull follows.
      if (id === undefined || id === ids.get(name)) continue;
      ids.set(name, id);
      onChange(name);
    }
  };
  let stream = await eventsOf(api);
  const follow = async (): Promise<void> => {
    while (!end.signal.aborted) {
      try {
        // The image may have changed before the events began.
        await compare();
        for await (const _ of createInterface({ input: stream, signal: end.signal })) await compare();
        if (!end.signal.aborted) options.warn('warning: the Docker daemon ended its events; reconnecting');
      } catch (error) {
        if (!end.signal.aborted)
          options.warn(`warning: the Docker daemon: ${errorMessage(error)}; reconnecting`);
      }
      stream = await reconnected(api, end.signal);
    }
  };
  const following = follow().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      end.abort();
      stream.destroy();
      await following;
    },
  };
}

async function idOf(api: DockerApi, name: string): Promise<string | undefined> {
  const found = await api
    .getImage(name)
    .inspect()
    .catch(() => undefined);
  return found?.Id;
}

async function eventsOf(api: DockerApi): Promise<Readable> {
  const stream = (await api.getEvents({ filters: { type: ['image'] } })) as Readable;
  stream.on('error', () => {});
  return stream;
}

/** Connects as soon as the daemon answers again. */
async function reconnected(api: DockerApi, signal: AbortSignal): Promise<Readable> {
  for (;;) {
    await pause(reconnectMs, undefined, { signal });
    const stream = await eventsOf(api).catch(() => undefined);
    if (stream !== undefined) return stream;
  }
}
