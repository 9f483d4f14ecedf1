import { type CaseHead, capabilityOf } from '../../case/case.ts';
import {
  appliesInEras,
  declaredEras,
  type Era,
  type EraChoice,
  eras,
  erasIn,
  modernOnlyCapability,
} from '../../case/era.ts';
import type { EraFacts } from '../../engine/result.ts';

/** The parts of a case that decide whether it applies. */
type EraHead = Pick<CaseHead, 'revisions' | 'opensSessions' | 'level'>;

/** The eras of MCP in which a runtime is checked: the requested ones, or those that it declares. */
export class RuntimeEras {
  readonly #requested: readonly Era[] | undefined;
  #declared: readonly Era[] | undefined;
  #isModernOnly = false;

  /** @param requested the eras from `--era`. Default: the declared ones */
  constructor(requested: EraChoice | undefined) {
    this.#requested = requested && erasIn(requested);
  }

  /** Notes the capabilities that a runtime declares when it becomes ready. */
  noteCapabilities(capabilities: readonly string[]): void {
    this.#declared = declaredEras(capabilities);
    this.#isModernOnly = capabilities.includes(modernOnlyCapability);
  }

  /** The eras in which the runtime is checked. Both until that is known. */
  get checked(): readonly Era[] {
    return this.#requested ?? this.#declared ?? eras;
  }

  /** Returns whether it is known if a case applies. */
  decides(head: EraHead): boolean {
    const isCertain = appliesInEras(head, ['legacy']) && appliesInEras(head, ['modern']);
    return isCertain || this.#requested !== undefined || this.#declared !== undefined;
  }

  /**
   * Returns whether a case applies, once that is known. Modern cases also apply to a runtime that does not declare the
   * modern era, because the report lists them as cases of an undeclared capability. Cases for runtimes of the modern
   * era alone are not listed, because that capability adds no feature.
   */
  includes(head: EraHead): boolean {
    if (capabilityOf(head.level) === modernOnlyCapability && !this.#isModernOnly) return false;
    return appliesInEras(head, this.#requested ?? (this.checked.includes('legacy') ? eras : this.checked));
  }

  /** Describes the eras for the report, once they are known. */
  facts(leftOut: number): EraFacts {
    const origin = this.#requested === undefined ? 'declared' : 'requested';
    return { checked: this.checked, origin, leftOut };
  }
}
