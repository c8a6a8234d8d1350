/** A stage with its metadata as the text it is on the wire. */
export interface Stage {
  readonly id: string;
  readonly label: string;
  readonly displayOrder: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
}

export interface Pipeline {
  readonly id: string;
  readonly label: string;
  readonly displayOrder: number;
  readonly stages: readonly Stage[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
}

/** What a stage makes of a deal. Won and lost need both the closed flag and the extreme probability (hubspot.md §3.1). */
export type StageClass = 'open' | 'won' | 'lost' | 'closed';

export function stageClass(stage: Stage): StageClass {
  if (stage.metadata['isClosed'] !== 'true') return 'open';
  const probability = Number(stage.metadata['probability']);
  return probability === 1 ? 'won' : probability === 0 ? 'lost' : 'closed';
}

const EPOCH = '1970-01-01T00:00:00Z';

/** The pipeline every portal starts with (hubspot.md §3.1, recorded). */
export const DEFAULT_PIPELINE: Pipeline = {
  id: 'default',
  label: 'Sales Pipeline',
  displayOrder: 0,
  createdAt: EPOCH,
  updatedAt: EPOCH,
  archived: false,
  stages: (
    [
      ['appointmentscheduled', 'Appointment Scheduled', '0.2'],
      ['qualifiedtobuy', 'Qualified To Buy', '0.4'],
      ['presentationscheduled', 'Presentation Scheduled', '0.6'],
      ['decisionmakerboughtin', 'Decision Maker Bought-In', '0.8'],
      ['contractsent', 'Contract Sent', '0.9'],
      ['closedwon', 'Closed Won', '1.0'],
      ['closedlost', 'Closed Lost', '0.0'],
    ] as const
  ).map(([id, label, probability], displayOrder) => ({
    id,
    label,
    displayOrder,
    metadata: { isClosed: String(id === 'closedwon' || id === 'closedlost'), probability },
    createdAt: EPOCH,
    updatedAt: EPOCH,
    archived: false,
  })),
};

/** A change of a pipeline, for `/audit`. */
export interface AuditEntry {
  readonly identifier: string;
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly timestamp: string;
  readonly rawObject: unknown;
}

/** The deal pipelines of the portal. Archived pipelines and stages are kept, but the API does not know them. */
export class PipelineBook {
  readonly #pipelines = new Map<string, Pipeline>();
  #stages: Map<string, { stage: Stage; pipeline: Pipeline }> | undefined;
  readonly audit: AuditEntry[] = [];

  put(pipeline: Pipeline): void {
    this.#pipelines.set(pipeline.id, pipeline);
    this.#stages = undefined;
  }

  clear(): void {
    this.#pipelines.clear();
    this.#stages = undefined;
  }

  /** A pipeline the API shows. */
  get(id: string): Pipeline | undefined {
    const found = this.#pipelines.get(id);
    return found?.archived === false ? found : undefined;
  }

  live(): Pipeline[] {
    return [...this.#pipelines.values()].filter((pipeline) => !pipeline.archived);
  }

  all(): Iterable<Pipeline> {
    return this.#pipelines.values();
  }

  /** A stage by id, archived or not: what deals in it were computed from. */
  stage(id: string): Stage | undefined {
    return this.#byStage().get(id)?.stage;
  }

  /** Whether the API would accept this stage in this pipeline. */
  holds(pipelineId: string, stageId: string): boolean {
    return this.get(pipelineId)?.stages.some((stage) => stage.id === stageId && !stage.archived) === true;
  }

  /** The pipeline meant when a deal is given a stage and no pipeline. */
  fallback(): Pipeline | undefined {
    return this.get('default') ?? this.live().sort((a, b) => a.displayOrder - b.displayOrder)[0];
  }

  #byStage(): Map<string, { stage: Stage; pipeline: Pipeline }> {
    if (this.#stages === undefined) {
      this.#stages = new Map();
      for (const pipeline of this.#pipelines.values()) {
        for (const stage of pipeline.stages) {
          const other = this.#stages.get(stage.id);
          if (other === undefined || other.stage.archived) this.#stages.set(stage.id, { stage, pipeline });
        }
      }
    }
    return this.#stages;
  }
}
