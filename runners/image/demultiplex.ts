import type { LogLine } from '../runner.ts';

const headerBytes = 8;

/**
 * Separates stdout and stderr in the output stream that Docker sends for a container. Each frame has a header of 8
 * bytes. The first byte is 1 for stdout or 2 for stderr, and the last four are the payload length. `demuxStream` of
 * docker-modem recurses for every frame, so many small frames in one chunk overflow the stack.
 * @param write receives the payload as it arrives, possibly in partial frames
 * @returns a function that takes the chunks of the stream, which may end anywhere
 */
export function demultiplex(
  write: (stream: LogLine['stream'], bytes: Buffer) => void,
): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let stream: LogLine['stream'] = 'stdout';
  let left = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        write(stream, rest.subarray(0, left));
        const taken = Math.min(left, rest.length);
        left -= taken;
        rest = rest.subarray(taken);
        continue;
      }
      const missing = headerBytes - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length === headerBytes) {
        stream = header[0] === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      }
    }
  };
}
