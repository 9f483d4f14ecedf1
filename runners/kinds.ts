import { commandTarget } from './command/target.ts';
import { composeTarget } from './compose/target.ts';
import { embeddedTarget } from './embedded/target.ts';
import { imageTarget } from './image/target.ts';
import type { Runner } from './runner.ts';
import { socketTarget } from './socket/target.ts';
import type { TargetKind } from './target-kind.ts';

/** All kinds of targets, in the order of help and messages. A new kind is a folder of its own and a line here. */
const kinds = [imageTarget, composeTarget, commandTarget, socketTarget, embeddedTarget] as const;

/** A target of any kind. */
export type Target = (typeof kinds)[number] extends infer K
  ? K extends TargetKind<infer T, string>
    ? T
    : never
  : never;

export const targetKinds: readonly TargetKind<Target, string>[] = kinds;

/** What is checked where no target is named. */
export const defaultTarget: Target = { kind: 'embedded', catalog: 'conformance' };

/** The kind of a target. */
export function kindOf({ kind }: Target): TargetKind<Target, string> {
  const found = targetKinds.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`unknown kind of target: ${kind}`);
  return found;
}

/** The target for people, before there is a runner that could say it. */
export function describeTarget(target: Target): string {
  return kindOf(target).describe(target);
}

/**
 * Makes the runner of a target. Only what its kind needs is loaded: testcontainers alone takes a noticeable time.
 * @throws RunnerError
 */
export function createRunner(target: Target): Promise<Runner> {
  return kindOf(target).start(target);
}
