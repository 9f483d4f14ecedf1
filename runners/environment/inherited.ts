/**
 * The variables that a program under test inherits from the kit: those that locate programs, libraries and folders, and
 * those that set the locale. Credentials of a CI job are not among them. A `*` at the end stands for any characters.
 */
export const inheritedByDefault: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'LANG',
  'LANGUAGE',
  'LC_*',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_ENV',
  'NODE_PATH',
  'NODE_EXTRA_CA_CERTS',
  'VIRTUAL_ENV',
  'PYTHONPATH',
  'JAVA_HOME',
];

/**
 * Selects the variables that a program under test inherits.
 * @param more names in addition to `inheritedByDefault`, in the same form. `*` selects every variable
 */
export function inheritedEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  more: readonly string[] = [],
): Record<string, string> {
  const patterns = [...inheritedByDefault, ...more];
  const isInherited = (name: string) =>
    patterns.some((pattern) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    );
  return Object.fromEntries(
    Object.entries(own).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && isInherited(entry[0]),
    ),
  );
}
