import { ContractViolationError, type HeaderPair, hopByHop } from '../client/index.ts';

/** Fields of one connection and of its framing: each hop has its own. */
export const ofTheHop: ReadonlySet<string> = new Set([...hopByHop, 'content-length']);

/** Clients stop at 16 KiB, or not far beyond, in ways that tell nobody why. */
const maxHeaderBytes = 64 * 1024;

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const cleanValue = /^[\t\x20-\x7e]*$/;

/**
 * The header fields of a runtime's response that go to the caller, as they are (GW-28). Left out are those of the
 * connection, with those that `connection` names, and `content-length`, which are this hop's own (GW-29), and what is no
 * header field in HTTP (GW-30). Of names that differ in case alone the last one counts.
 * @throws ContractViolationError where they are more than HTTP clients read
 */
export function headersForCaller(headers: Readonly<Record<string, string>>): HeaderPair[] {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) fields.set(name.toLowerCase(), value);
  const nominated = (fields.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const passed = [...fields].filter(
    ([name, value]) =>
      token.test(name) && cleanValue.test(value) && !ofTheHop.has(name) && !nominated.includes(name),
  );
  const bytes = passed.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > maxHeaderBytes) throw new ContractViolationError(`the header has ${bytes} bytes`);
  return passed;
}
