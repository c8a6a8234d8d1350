import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

/** What every file of this folder runs its SQL on: the pool, or one transaction. */
export type Executor = Kysely<unknown> | Transaction<unknown>;

/** Runs a statement and answers its rows. */
export async function rows<T>(db: Executor, statement: RawBuilder<T>): Promise<readonly T[]> {
  return (await statement.execute(db)).rows;
}

/** Runs a statement and answers its first row, or null. */
export async function row<T>(db: Executor, statement: RawBuilder<T>): Promise<T | null> {
  return (await statement.execute(db)).rows[0] ?? null;
}

/** A value as a JSON parameter. Whole batches travel as one JSON array: it costs less than half of array encoding. */
export function json(value: unknown): RawBuilder<unknown> {
  return sql`${JSON.stringify(value)}::json`;
}

export { sql };
