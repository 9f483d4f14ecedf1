import { type OwnItems, roleNames, roles } from '../case/roles.ts';

type Params = Readonly<Record<string, unknown>>;

/** Items of a target's own, as written in a configuration file that has passed schema validation. */
export interface WrittenItems {
  readonly tools?: Readonly<Record<string, Params>>;
  readonly [key: string]: unknown;
}

/** Returns the items that a configuration names, by the role that each plays in cases. */
export function ownItemsIn(written: WrittenItems): OwnItems {
  const items = roleNames.map((name) => {
    const isTool = roles[name].method === 'tools/call';
    return [name, isTool ? written.tools?.[name] : written[name]] as const;
  });
  return Object.fromEntries(items.filter(([, item]) => item !== undefined));
}

/** Returns a configuration without its items. */
export function withoutItems<Written extends WrittenItems>({ tools, ...others }: Written): Partial<Written> {
  const names: readonly string[] = roleNames;
  return Object.fromEntries(
    Object.entries(others).filter(([key]) => !names.includes(key)),
  ) as Partial<Written>;
}
