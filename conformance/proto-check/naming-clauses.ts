import type { Clauses } from '../load/clauses.ts';
import type { ProtoElement } from './breaks.ts';

/**
 * The clauses that name an element of the module in their text: what a change of it is about, whether or not a case shows
 * it. Ids, in the order of the contract.
 */
export function clausesNaming(
  element: ProtoElement,
  clauses: Clauses,
  protoPackage: string,
): readonly string[] {
  const names = namesOf(element, protoPackage);
  if (names.length === 0) return [];
  return [...clauses.values()]
    .filter(({ text }) => {
      const codes = [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
      return codes.some((code) => names.some((name) => name(code)));
    })
    .map(({ id }) => id);
}

function namesOf(element: ProtoElement, protoPackage: string): readonly ((code: string) => boolean)[] {
  switch (element.kind) {
    case 'field':
      // `status` alone may be of any message, `HealthResponse.status` is of one.
      return [(code) => code === element.name, (code) => code === `${element.message}.${element.name}`];
    case 'method':
    case 'message':
      return [(code) => code === element.name];
    case 'package':
      return [(code) => code.includes(protoPackage)];
    case 'other':
      return [];
  }
}

/** The element for people: `McpRequest.method`, `rpc Invoke`. */
export function nameOfElement(element: ProtoElement): string {
  switch (element.kind) {
    case 'field':
      return `${element.message}.${element.name}`;
    case 'method':
      return `rpc ${element.name}`;
    case 'message':
      return `message ${element.name}`;
    case 'package':
      return 'package';
    case 'other':
      return '';
  }
}
