import type { ProblemCode } from './sentences.ts';
import { sentenceOf } from './sentences.ts';

/** One thing that is wrong with the configuration, with the place where it is. Never holds a secret. */
export interface ConfigProblem {
  /** Stable name of the kind of problem; translations are looked up by it. */
  readonly code: ProblemCode;
  /** Path of the file as it was asked for, or null when the problem is in the environment. */
  readonly file: string | null;
  /** From 1; null when the place is not in a file or a whole file is meant. */
  readonly line: number | null;
  readonly column: number | null;
  /** Key path such as `syncs.main.fields.amount.policy`; empty for the whole document. */
  readonly path: string;
  /** What the sentence of `code` is filled with. */
  readonly params: Readonly<Record<string, string>>;
  /** The source line with a caret under the place, secrets masked; null where it would not help. */
  readonly excerpt: string | null;
}

/** Where a problem is, in one phrase: `oppsync.yaml:3:5 syncs.main.initial`. */
export function placeOf(problem: ConfigProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  return [place, problem.path].filter((part) => part !== '').join(' ');
}

/** The configuration cannot be used. Carries every problem that was found, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      problems
        .map((problem) => {
          const place = placeOf(problem);
          const sentence = sentenceOf(problem.code, problem.params);
          return place === '' || problem.code === 'missing_file' ? sentence : `${place}: ${sentence}`;
        })
        .join('\n'),
    );
    this.problems = problems;
  }
}
