import { RunnerError } from '../runner.ts';

/**
 * Takes `FILE#SERVICE` apart.
 * @throws RunnerError `bad-option`
 */
export function splitService(value: string): { readonly file: string; readonly service: string } {
  const at = value.lastIndexOf('#');
  const file = value.slice(0, at);
  const service = value.slice(at + 1);
  if (at > 0 && service.trim() !== '') return { file, service };
  throw new RunnerError(
    'bad-option',
    `--compose ${value}: it does not say which service of the file is the target.`,
    'Write --compose FILE#SERVICE, such as --compose compose.yaml#runtime.',
  );
}
