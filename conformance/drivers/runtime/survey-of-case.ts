import type { CaseHead } from '../../case/case.ts';
import { erasOf } from '../../case/era.ts';
import type { Survey, Surveys } from './survey.ts';

/**
 * Returns the survey that decides whether a case applies to the target. A server may declare other capabilities in each
 * era, so a modern case that also opens sessions needs its capabilities in both.
 */
export function surveyOfCase(
  head: Pick<CaseHead, 'revisions' | 'opensSessions'>,
  surveys: Surveys | undefined,
): Survey | undefined {
  const era = erasOf(head).find((each) => surveys?.[each] !== undefined);
  const survey = era && surveys?.[era];
  const legacy = surveys?.legacy;
  if (survey === undefined || legacy === undefined || head.opensSessions !== true) return survey;
  const shared = [...survey.serverCapabilities].filter((name) => legacy.serverCapabilities.has(name));
  return { ...survey, serverCapabilities: new Set(shared) };
}
