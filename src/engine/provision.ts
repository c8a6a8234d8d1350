import type { ErrorDetails } from '../core/errors.ts';
import type { Connector, OwnedFieldCheck, ProvisionReport } from '../core/ports.ts';

/** What there is of the owned fields, per CRM. Writes nothing. A connector without a provisioner is left out. */
export async function checkOwnedFields(
  connectors: readonly Connector[],
  signal: AbortSignal,
): Promise<readonly ProvisionReport[]> {
  return each(connectors, async ({ crm, provisioner }) => {
    const fields = (await provisioner?.check(signal)) ?? [];
    return { crm, fields, made: [], problems: problemsOf(fields) };
  });
}

/** Makes what is missing and permits what is hidden, then looks again: what is reported is what is there. */
export async function provision(
  connectors: readonly Connector[],
  signal: AbortSignal,
): Promise<readonly ProvisionReport[]> {
  return each(connectors, async ({ crm, provisioner }) => {
    if (provisioner === undefined) return { crm, fields: [], made: [], problems: [] };
    const before = await provisioner.check(signal);
    const wanted = before.filter(({ state }) => state === 'missing' || state === 'not_permitted');
    if (wanted.length === 0) return { crm, fields: before, made: [], problems: problemsOf(before) };
    const problems = await provisioner.make(
      wanted.map(({ field }) => field),
      signal,
    );
    const fields = await provisioner.check(signal);
    const ready = new Set(fields.filter(({ state }) => state === 'ready').map(({ field }) => field));
    const made = wanted.map(({ field }) => field).filter((field) => ready.has(field));
    return { crm, fields, made, problems: [...problems, ...problemsOf(fields)] };
  });
}

function problemsOf(fields: readonly OwnedFieldCheck[]): ErrorDetails[] {
  return fields.flatMap(({ problem }) => (problem === null ? [] : [problem]));
}

/** One CRM after the other, so that an error of the first leaves the second untouched. */
async function each(
  connectors: readonly Connector[],
  work: (connector: Connector) => Promise<ProvisionReport>,
): Promise<readonly ProvisionReport[]> {
  const reports: ProvisionReport[] = [];
  for (const connector of connectors)
    if (connector.provisioner !== undefined) reports.push(await work(connector));
  return reports;
}
