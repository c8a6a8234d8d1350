import { stringify } from 'yaml';
import type { StageInfo } from '../../core/account-facts.ts';
import type { Crm } from '../../core/ids.ts';
import { type ProposalReason, proposeStageMap } from '../../core/stage-map.ts';

const WHY: Readonly<Record<ProposalReason, string>> = {
  label: 'the same words in both',
  only_won: 'won in both',
  only_lost: 'lost in both',
  position: 'only by position: check it',
};

interface Side {
  readonly crm: Crm;
  readonly stages: readonly StageInfo[];
}

/** The rows of a stage map as they stand in a configuration, each with its reason as a comment. `indent` in spaces. */
export function stageRowsYaml(a: Side, b: Side, indent: number): string {
  const labels = new Map(b.stages.map((stage) => [stage.key, stage.label]));
  const space = ' '.repeat(indent);
  const rows = proposeStageMap(a, b);
  if (rows.length === 0) return `${space}[]`;
  return rows
    .map(({ row, why }) => {
      const there = row[b.crm] ?? [];
      const named = there.map((key) => labels.get(key) ?? key).join(', ');
      return [
        `${space}# ${named.replaceAll(/[\r\n]+/g, ' ')} (${WHY[why]})`,
        `${space}- ${a.crm}: ${listed(row[a.crm] ?? [])}`,
        `${space}  ${b.crm}: ${listed(there)}`,
      ].join('\n');
    })
    .join('\n');
}

function listed(keys: readonly string[]): string {
  return keys.length === 1 ? quoted(keys[0]) : `[${keys.map(quoted).join(', ')}]`;
}

/** One scalar on one line, quoted only where YAML needs it. `${` would be taken for a variable. */
export function quoted(value: string | undefined): string {
  const escaped = (value ?? '').replaceAll('${', '$${');
  return stringify(escaped, {
    lineWidth: 0,
    defaultStringType: /[,[\]{}#]/.test(escaped) ? 'QUOTE_DOUBLE' : 'PLAIN',
  }).trim();
}
