import type { ConflictSide } from '../../core/group.ts';
import type { Value } from '../../core/opportunity.ts';
import type { ConflictRow } from '../../core/trust-port.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { table } from './table.ts';
import { actorText, short, valueText } from './text.ts';

/** A conflict as one object of the JSON document: one key per CRM, times in ISO 8601 (UTC). */
export function conflictDocument(row: ConflictRow): Readonly<Record<string, unknown>> {
  const { id, pair, name, conflict, since, resolution } = row;
  const crms = Object.keys(conflict.sides);
  const sides = Object.entries(conflict.sides).map(([crm, side]) => [
    crm,
    {
      ...{ id: side.id, value: side.value, actor: side.actor ?? null, at: iso(side.at) },
      ...(side.deleted === true ? { deleted: true } : {}),
    },
  ]);
  const bases = crms.map((crm): Value => conflict.base?.[crm] ?? null);
  return {
    id,
    field: conflict.field,
    ...Object.fromEntries(sides),
    base: bases[0] ?? null,
    policy: conflict.policy,
    since: iso(since),
    ...{ name, pair },
    // Why it waits when it is not that both sides changed the field: `deleted` or `loop`.
    cause: conflict.cause ?? null,
    // What each side held when they last agreed; a stage has another key in each CRM.
    bases: conflict.base,
    resolution:
      resolution === null ? null : { ...decision(resolution), by: resolution.by, at: iso(resolution.at) },
  };
}

/** All open conflicts as a table, the oldest first, with how to decide them. */
export function conflictsText(rows: readonly ConflictRow[], words: Words, colours: Colours): string {
  if (rows.length === 0) return `${words.say('conflicts.none')}\n`;
  const crms = Object.keys(rows[0]?.conflict.sides ?? {});
  const head = [
    ...(['id', 'record', 'field'] as const).map((key) => words.say(`conflicts.${key}`)),
    ...crms.map(crmTitle),
    words.say('conflicts.since'),
    words.say('conflicts.decided'),
  ];
  const lines = [...rows]
    .sort((a, b) => a.since - b.since)
    .map((row) => [
      row.id,
      short(row.name, 32),
      row.conflict.field,
      ...crms.map((crm) => sideText(row.conflict.sides[crm], words, 24)),
      iso(row.since).slice(0, 10),
      resolutionText(row, words),
    ]);
  const title = `${colours.bold(words.count('conflicts', rows.length))}\n`;
  return `${title}${table(colours, head, lines)}${words.say('conflicts.how', { first: crms[0] ?? '', second: crms[1] ?? '' })}\n`;
}

/** One conflict with both versions, who and when as far as known, what was agreed before, and the policy. */
export function conflictText(row: ConflictRow, words: Words, colours: Colours): string {
  const { conflict } = row;
  const title = words.say('conflicts.title', { field: conflict.field, name: short(row.name, 80) });
  const sides = Object.entries(conflict.sides).map(([crm, side]) => {
    const actor = side.actor ?? null;
    const at = words.moment(side.at);
    const who =
      actor === null
        ? words.say('conflicts.changed', { at })
        : words.say('conflicts.set_by', { at, actor: actorText(actor, words) });
    return [colours.dim(`${crmTitle(crm)} ${side.id}`), `${sideText(side, words, 200)}  ${colours.dim(who)}`];
  });
  const bases = [...new Set(Object.values(conflict.base ?? {}))].map((value) => valueText(value, words, 200));
  return [
    `${colours.bold(title)} ${colours.dim(row.id)}\n`,
    table(
      colours,
      [],
      [
        ...sides,
        [
          colours.dim(words.say('conflicts.base')),
          bases.length === 0 ? words.say('conflicts.never') : bases.join(' / '),
        ],
        [colours.dim(words.say('conflicts.policy')), conflict.policy],
        [colours.dim(words.say('conflicts.since')), words.moment(row.since)],
        [colours.dim(words.say('conflicts.decided')), resolutionText(row, words) || words.say('status.none')],
      ],
    ),
    causeText(row, words),
  ].join('');
}

function sideText(side: ConflictSide | undefined, words: Words, limit: number): string {
  return side?.deleted === true ? words.say('conflicts.deleted') : valueText(side?.value, words, limit);
}

/** Why it waits for a person and what helps, when it is not that both sides changed the field. */
function causeText({ conflict }: ConflictRow, words: Words): string {
  return conflict.cause === undefined ? '' : `${words.say(`conflicts.cause_${conflict.cause}`)}\n`;
}

function resolutionText({ resolution }: ConflictRow, words: Words): string {
  if (resolution === null) return '';
  const choice =
    resolution.decided === 'use'
      ? crmTitle(resolution.choice ?? '')
      : valueText(resolution.choice, words, 24);
  return words.say('conflicts.resolution', { choice, by: short(resolution.by, 24) });
}

function decision({ decided, choice }: NonNullable<ConflictRow['resolution']>): Record<string, Value> {
  return decided === 'use' ? { use: choice } : { value: choice };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
