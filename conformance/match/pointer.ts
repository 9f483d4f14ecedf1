/** Returns the JSON pointer (RFC 6901) of a member or item of the value at `path`. Truncates a very long name. */
export function childPath(path: string, key: string | number): string {
  const name = String(key).replaceAll('~', '~0').replaceAll('/', '~1');
  return `${path}/${name.length > 100 ? `${name.slice(0, 100)}…` : name}`;
}

/** The keys of a JSON pointer. */
export function pathKeys(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
