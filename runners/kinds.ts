import { commandTarget } from './command/target.ts';
import { composeTarget } from './compose/target.ts';
import { embeddedTarget } from './embedded/target.ts';
import { imageTarget } from './image/target.ts';
import type { Runner, Transport } from './runner.ts';
import { socketTarget } from './socket/target.ts';
import type { TargetKind } from './target-kind.ts';

/** All kinds of targets, in the order of help and messages. A new kind needs a folder and a line here. */
const kinds = [imageTarget, composeTarget, commandTarget, socketTarget, embeddedTarget] as const;

/** A target of any kind. */
export type Target = (typeof kinds)[number] extends infer K
  ? K extends TargetKind<infer T, string>
    ? T
    : never
  : never;

export const targetKinds: readonly TargetKind<Target, string>[] = kinds;

/** The target of a run if the user does not name one. */
export const defaultTarget: Target = { kind: 'embedded', catalog: 'conformance' };

/** Returns the kind of a target. */
export function kindOf({ kind }: Target): TargetKind<Target, string> {
  const found = targetKinds.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`unknown kind of target: ${kind}`);
  return found;
}

/** Describes a target for people, without creating its runner. */
export function describeTarget(target: Target): string {
  return kindOf(target).describe(target);
}

/**
 * Creates the runner of a target. Loads only the modules of its kind, because testcontainers loads slowly.
 * @param transport the protocol that the target must serve. Default: gRPC
 * @throws RunnerError
 */
export function createRunner(target: Target, transport?: Transport): Promise<Runner> {
  return kindOf(target).start(target, transport);
}
