import type { McpRequest } from '../../../proto/index.ts';
import { parseJson } from '../../match/json.ts';
import { type Exchange, memberOf } from './exchange.ts';
import type { Violation } from './field-rules.ts';

/** Shorter texts can occur by chance. */
const minLength = 8;
const credentials = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** Everything that callers sent about themselves. */
export class Secrets {
  /** The email in each encoded auth context. */
  readonly #emails = new Map<string, string | undefined>();
  readonly #distinct = new Set<string>();

  /** Remembers the caller of a request. */
  note({ authContext }: McpRequest): void {
    const encoded = authContext?.encoded;
    if (encoded === undefined || this.#emails.has(encoded)) return;
    const email = emailIn(encoded);
    this.#emails.set(encoded, email);
    if (email !== undefined && email.length >= minLength && email.includes('@')) this.#distinct.add(email);
  }

  /** Finds the emails of other callers in a text that one caller receives (AUTH-10). */
  *strangersIn(text: string, exchange: Exchange): Iterable<Violation> {
    if (!text.includes('@')) return;
    const own = this.#emails.get(exchange.request.authContext?.encoded ?? '') ?? '';
    for (const email of this.#distinct) {
      if (!text.includes(email) || own.includes(email) || exchange.text.includes(email)) continue;
      yield ['AUTH-10', `the answer contains ${email}, the email of another caller`];
    }
  }
}

function emailIn(encoded: string): string | undefined {
  try {
    const email = memberOf(parseJson(Buffer.from(encoded, 'base64url').toString()), 'email');
    return typeof email === 'string' ? email : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the credentials of the caller in the text of a failure (ERROR-3). */
export function* credentialViolations(text: string, exchange: Exchange): Iterable<Violation> {
  const { headers, authContext } = exchange.request;
  const fields = Object.entries(headers).filter(([name]) => credentials.has(name.toLowerCase()));
  const own = [...fields, ['auth_context.encoded', authContext?.encoded ?? ''] as const];
  for (const [name, secret] of own) {
    if (secret.length < minLength || !text.includes(secret) || exchange.text.includes(secret)) continue;
    yield ['ERROR-3', `the failure repeats ${name}`];
  }
}
