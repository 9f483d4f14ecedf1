import type { LogLine } from '../runner.ts';

const headerBytes = 8;

/**
 * Takes apart the stream in which Docker sends a container's outputs: frames with a header of 8 bytes, the first being
 * 1 for stdout or 2 for stderr, the last four the payload's length.
 * docker-modem's own `demuxStream` calls itself for every frame: many small ones in a chunk overflow the stack.
 * @param write takes payload as it arrives, not in whole frames
 * @returns takes the stream's chunks, which may end anywhere
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
