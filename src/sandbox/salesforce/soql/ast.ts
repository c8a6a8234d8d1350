/** A parsed query. `at` is an offset in the text, for the caret of an error. */

export interface Path {
  readonly names: readonly string[];
  readonly at: number;
}

export type Aggregate = 'COUNT' | 'COUNT_DISTINCT' | 'SUM' | 'MIN' | 'MAX' | 'AVG';

export type Selected =
  | { readonly kind: 'path'; readonly path: Path; readonly alias: string | null }
  | { readonly kind: 'function'; readonly name: string; readonly path: Path; readonly alias: string | null }
  | {
      readonly kind: 'aggregate';
      readonly name: Aggregate;
      readonly path: Path | null;
      readonly alias: string | null;
    }
  | { readonly kind: 'children'; readonly query: Query; readonly at: number }
  | { readonly kind: 'group'; readonly group: 'ALL' | 'STANDARD' | 'CUSTOM'; readonly at: number };

export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'date' | 'datetime'; readonly value: string }
  | { readonly kind: 'period'; readonly name: string; readonly n: number };

export type Comparison =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'LIKE'
  | 'IN'
  | 'NOT IN'
  | 'INCLUDES'
  | 'EXCLUDES';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly path: Path;
      readonly comparison: Comparison;
      readonly values: readonly Literal[];
      /** A query in place of the list. */
      readonly subquery: Query | null;
    };

export interface Order {
  readonly by: Selected;
  readonly descending: boolean;
  readonly nullsLast: boolean;
}

export interface Query {
  readonly selected: readonly Selected[];
  readonly from: string;
  readonly fromAt: number;
  readonly where: Condition | null;
  readonly groupBy: readonly Path[];
  readonly orderBy: readonly Order[];
  readonly limit: number | null;
  readonly offset: number;
}
