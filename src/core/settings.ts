import type { BrakeSettings } from './brakes.ts';
import type { StageDecision } from './classify.ts';
import type { CreateOf } from './creation.ts';
import type { Crm, SyncName } from './ids.ts';
import type { MatchThresholds } from './match.ts';
import type { FieldKind } from './opportunity.ts';

/**
 * Who may win when both sides changed a field differently (design section 7): a CRM's name, `newest` (by change stamps
 * corrected for clock offset, with a tie margin), `non_blank`, `max_progress` (the stage further along), `ask` (a conflict).
 */
export type Policy = 'ask' | 'newest' | 'non_blank' | 'max_progress' | Crm;

export interface FieldPolicy {
  readonly kind: FieldKind;
  readonly policy: Policy;
  /** What a blank on the moving side means: `ignore` keeps the other side's value, `propagate` clears it. */
  readonly blank: 'ignore' | 'propagate';
}

/** Stages that mean the same: per CRM the stage keys that belong to this row. The first key of a CRM is the one written. */
export type StageRow = Readonly<Record<Crm, readonly string[]>>;

export interface PairingSettings extends MatchThresholds {
  /** `certain`: pairs of that band are made without asking. */
  readonly accept: 'none' | 'certain';
}

/** Which side's verdict counts when the two sides of a pair disagree. */
export type StatusAuthority = 'most_advanced' | 'newest_stage_change' | 'review' | Crm;

/** What the core and the engine need to know of one sync's configuration. Plain JSON. */
export interface SyncSettings {
  readonly name: SyncName;
  /** The two CRMs, in the order of the configuration. */
  readonly sides: readonly [Crm, Crm];
  /** Synced fields by canonical name. A field not listed is not synced. */
  readonly fields: Readonly<Record<string, FieldPolicy>>;
  /** What decides a field that differs when the sides never agreed on a value. */
  readonly initial: 'ask' | 'newest' | Crm;
  readonly statusAuthority: StatusAuthority;
  /** null: propose by label and by being the only won or lost stage; anything else is held. */
  readonly stages: readonly StageRow[] | null;
  /** What the operator decided for a stage, per CRM by stage key; it comes before everything the CRM says. */
  readonly decisions?: Readonly<Record<Crm, Readonly<Record<string, StageDecision>>>>;
  /** Language of the stage names, per CRM; detected per pipeline where absent. */
  readonly languages?: Readonly<Record<Crm, string>>;
  /** Name, or path of the file, of the profile that says when a sale is truly closed. */
  readonly profile: string;
  /** Pipelines left out, by CRM; their records are `excluded`. */
  readonly excludePipelines: Readonly<Record<Crm, readonly string[]>>;
  /** `ignore`: values are sent whatever the record type offers, and the CRM decides; absent = respect. */
  readonly recordTypes?: 'respect' | 'ignore';
  /** `respect`: stages are written only as the rules of the pipeline let people do it; absent = ignore. */
  readonly pipelineRules?: 'respect' | 'ignore';
  /** How records that no key or link connects are paired; absent = {@link ./match.ts THRESHOLDS}, and a person accepts. */
  readonly pairing?: PairingSettings;
  /** CRMs in which missing counterparts are made, and of which records; absent = in none. */
  readonly create?: Readonly<Record<Crm, CreateOf>>;
  /** CRMs in whose accounts the roll-ups of their opportunities are kept; absent = in none. */
  readonly rollups?: readonly Crm[];
  /** After writing fields of the teams, look in the CRM's history for edits that were replaced; absent = yes. */
  readonly checkWrites?: boolean;
  /** `backfill`: moves from before the first run are read, once, from the histories of the CRMs; absent = not. */
  readonly history?: 'from_first_run' | 'backfill';
  /** Two change stamps closer than this are a tie for `newest`. Milliseconds. */
  readonly tieMarginMs: number;
  /** What a run may change by itself; {@link ./brakes.ts DEFAULT_BRAKES} when absent. */
  readonly brakes?: BrakeSettings;
}
