import { type GatewayRequest, headerValues } from './exchange.ts';
import { GatewayRefusal } from './refusal.ts';

/**
 * Reads a body whole. One that is too large is not read to its end (GW-49).
 * @param maxBytes the most that is accepted
 * @throws GatewayRefusal `body_too_large` (413) or `body_incomplete` (400)
 */
export async function readBody(request: GatewayRequest, maxBytes: number): Promise<Uint8Array> {
  const [declared] = headerValues(request.headers, 'content-length');
  if (Number(declared ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of request.body) {
      bytes += piece.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof GatewayRefusal) throw error;
    throw new GatewayRefusal('body_incomplete', { status: 400, message: 'The body broke off' });
  }
  return Buffer.concat(pieces, bytes);
}

function tooLarge(maxBytes: number): GatewayRefusal {
  return new GatewayRefusal('body_too_large', {
    status: 413,
    message: `The body has more than ${maxBytes} bytes`,
  });
}
