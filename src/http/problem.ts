import type { Response } from 'express';

/** A problem document (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** Short and the same for every occurrence. */
  readonly title: string;
  /** What happened this time. */
  readonly detail?: string;
  /** Further members, such as the checks that failed. */
  readonly [member: string]: unknown;
}

/** Answers with a problem document. */
export function sendProblem(response: Response, problem: Problem): void {
  response
    .status(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }));
}
