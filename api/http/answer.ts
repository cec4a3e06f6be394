import type { Response } from 'express';
import { PROBLEMS, problemText, type Problem } from '../contract/problems.ts';

/** Writes a problem as RFC 9457 `application/problem+json`, with both languages; `instance` is found in the log. */
export function answerProblem(response: Response, problem: Problem, requestId: string, lang: 'zh' | 'en'): void {
  const full: Problem = { ...problem, data: { ...problem.data, instance: requestId } };
  response
    .status(PROBLEMS[problem.code].status)
    .type('application/problem+json')
    .send(JSON.stringify({
      type: `/problems/${problem.code}`, title: problemText(full, lang), status: PROBLEMS[problem.code].status, code: problem.code,
      instance: requestId, text: { zh: problemText(full, 'zh'), en: problemText(full, 'en') },
      errors: problem.errors.map((e) => ({ ...e, message: e.message[lang], text: e.message })),
    }));
}

export const languageOf = (header: string | undefined): 'zh' | 'en' => (header?.trim().toLowerCase().startsWith('en') ? 'en' : 'zh');
