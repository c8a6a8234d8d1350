import type { QueryResult } from '../soql/run-query.ts';

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

/** What query and ingest jobs have in common. */
export interface Job {
  readonly id: string;
  readonly operation: string;
  readonly object: string;
  readonly createdById: string;
  readonly createdDate: string;
  readonly version: string;
  readonly lineEnding: 'LF' | 'CRLF';
  readonly columnDelimiter: string;
  state: JobState;
  /** Polls left before the job is complete. */
  pollsLeft: number;
  systemModstamp: string;
  errorMessage: string | null;
}

export interface QueryJob extends Job {
  readonly kind: 'query';
  readonly result: QueryResult;
}

export interface IngestRow {
  readonly cells: readonly string[];
  readonly id: string;
  readonly created: boolean;
  /** null when it was saved. */
  readonly error: string | null;
}

export interface IngestJob extends Job {
  readonly kind: 'ingest';
  readonly externalIdFieldName: string | null;
  upload: string | null;
  header: readonly string[];
  rows: IngestRow[];
}

/** All bulk jobs of the org. */
export class BulkJobs {
  readonly queries = new Map<string, QueryJob>();
  readonly ingests = new Map<string, IngestJob>();
}
