import { fillIn } from '../../core/told.ts';
import {
  DATASET_FAULTS,
  type DatasetFault,
  type DatasetFaultParams,
  datasetSentence,
} from '../../sandbox/dataset-faults.ts';
import { DATASET_FR, datasetFoundFr } from '../locale/dataset-fr.ts';
import type { Words } from '../locale/index.ts';

interface Named {
  readonly fault: DatasetFault;
  readonly params: DatasetFaultParams;
}

/** Whether an error says what is wrong in a dataset line. */
export function isDatasetFault(error: unknown): error is Named {
  return (
    error instanceof Error &&
    'fault' in error &&
    typeof error.fault === 'string' &&
    Object.hasOwn(DATASET_FAULTS, error.fault)
  );
}

/** What is wrong in a dataset line, in the language asked for. */
export function datasetWords({ fault, params }: Named, words: Words): string {
  if (words.locale === 'en') return datasetSentence(fault, params);
  const { found } = params;
  return fillIn(DATASET_FR[fault], {
    ...params,
    ...(found === undefined ? {} : { found: datasetFoundFr(found) }),
  });
}
