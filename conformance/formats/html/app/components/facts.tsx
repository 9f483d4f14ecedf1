import type { ComponentChildren } from 'preact';

/** A fact: its name and its value. Facts without a value are left out. */
export type Fact = readonly [name: string, value: ComponentChildren];

/** A list of facts in two columns. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== '')
        .flatMap(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  );
}
