import type { Connector } from '../core/connector-port.ts';
import type { ErrorDetails } from '../core/errors.ts';
import type { Crm } from '../core/ids.ts';
import type { OwnedFieldCheck, Provisioner, ProvisionReport } from '../core/provision-port.ts';

/**
 * What there is of the owned fields, per CRM, with those of accounts where `rollups` are kept. Writes nothing. A connector
 * without a provisioner is left out.
 */
export async function checkOwnedFields(
  connectors: readonly Connector[],
  signal: AbortSignal,
  rollups: readonly Crm[] = [],
): Promise<readonly ProvisionReport[]> {
  return each(connectors, rollups, async (crm, provisioner) => {
    const fields = await provisioner.check(signal);
    return { crm, fields, made: [], problems: problemsOf(fields) };
  });
}

/** Makes what is missing and permits what is hidden, then looks again: what is reported is what is there. */
export async function provision(
  connectors: readonly Connector[],
  signal: AbortSignal,
  rollups: readonly Crm[] = [],
): Promise<readonly ProvisionReport[]> {
  return each(connectors, rollups, async (crm, provisioner) => {
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
  rollups: readonly Crm[],
  work: (crm: Crm, provisioner: Provisioner) => Promise<ProvisionReport>,
): Promise<readonly ProvisionReport[]> {
  const reports: ProvisionReport[] = [];
  for (const { crm, provisioner, rollups: accounts } of connectors) {
    if (provisioner === undefined) continue;
    const report = await work(crm, provisioner);
    if (accounts === undefined || !rollups.includes(crm)) reports.push(report);
    else reports.push(together(report, await work(crm, accounts.provisioner)));
  }
  return reports;
}

function together(one: ProvisionReport, other: ProvisionReport): ProvisionReport {
  return {
    crm: one.crm,
    fields: [...one.fields, ...other.fields],
    made: [...one.made, ...other.made],
    problems: [...one.problems, ...other.problems],
  };
}
