import {
  appliesTo,
  type ContractRelease,
  newestRelease,
  type Since,
  type SpokenRelease,
} from '../../case/release.ts';
import type { ContractFacts } from '../../engine/result.ts';

/**
 * The release of the contract that a runtime is checked against: the requested one, or the one that it declares. A
 * runtime that lists no capability is of release 1.0 (CONTRACT.md, chapter 14).
 */
export class RuntimeRelease {
  readonly #requested: ContractRelease | undefined;
  #detected: ContractRelease | undefined;
  #hasSessions: boolean | undefined;

  /** @param requested the release from `--contract`. Default: the declared one */
  constructor(requested: ContractRelease | undefined) {
    this.#requested = requested;
  }

  /** Notes the capabilities that a runtime declares when it becomes ready. */
  noteCapabilities(capabilities: readonly string[]): void {
    this.#detected = capabilities.length > 0 ? newestRelease : '1.0';
  }

  /** Notes whether `initialize` creates sessions. */
  noteSessions(hasSessions: boolean): void {
    this.#hasSessions = hasSessions;
  }

  /** Whether the release leaves sessions optional. False until the release is known. */
  get leavesSessionsOptional(): boolean {
    return this.#known === '1.0';
  }

  /** Returns whether it is known if a case applies. */
  decides(since: Since | undefined): boolean {
    if (since === undefined) return true;
    const release = this.#known;
    if (release === undefined) return false;
    return appliesTo(since, { release, hasSessions: false }) || !since.orWithSessions || this.#isSurveyed;
  }

  /** Returns whether a case applies, once that is known. */
  includes(since: Since | undefined): boolean {
    return appliesTo(since, this.#spoken);
  }

  /** Describes the release for the report, once it is known. */
  facts(leftOut: number): ContractFacts {
    const { release, hasSessions } = this.#spoken;
    if (this.#requested !== undefined) return { release, origin: 'requested', hasSessions, leftOut };
    return { release, origin: 'detected', hasSessions, leftOut };
  }

  get #known(): ContractRelease | undefined {
    return this.#requested ?? this.#detected;
  }

  get #isSurveyed(): boolean {
    return this.#hasSessions !== undefined;
  }

  get #spoken(): SpokenRelease {
    return { release: this.#known ?? newestRelease, hasSessions: this.#hasSessions ?? false };
  }
}
