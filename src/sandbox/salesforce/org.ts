import type { SandboxDeps } from '../simulator.ts';
import { IdSource, toId18 } from './ids.ts';
import { ChangeLog } from './pubsub/change-log.ts';
import type { RecordTypeRules } from './record-types.ts';
import { OBJECT_TYPES } from './schema/index.ts';
import { OWNED_FIELDS } from './schema/owned-fields.ts';
import { defaultSwitches, type Switches } from './switches.ts';
import { type Column, type Row, Table } from './table.ts';

/** The simulated org: its tables, its switches and who may see what. */
export class Org {
  readonly deps: SandboxDeps;
  readonly switches: Switches = defaultSwitches();
  readonly ids = new IdSource();
  /** Change events; empty until somebody may come for them. */
  readonly changes = new ChangeLog(this);
  readonly tables: readonly Table[] = OBJECT_TYPES.map((type) => new Table(type));
  readonly #byName = new Map<string, Table>();
  readonly #byPrefix = new Map<string, Table>();
  /** LastActivityDate values a dataset brought without the activities behind them. */
  readonly importedActivity = new Map<string, string>();
  /** By record type id; a type that is not here restricts nothing. */
  readonly recordTypeRules = new Map<string, RecordTypeRules>();
  baseUrl = 'http://127.0.0.1';
  /** Set once seeded: the organisation, a system administrator and the user API apps run as. */
  organizationId = '';
  adminId = '';
  integrationId = '';

  constructor(deps: SandboxDeps, options: { readonly provisioned: boolean }) {
    this.deps = deps;
    for (const table of this.tables) {
      this.#byName.set(table.type.name.toLowerCase(), table);
      this.#byPrefix.set(table.type.prefix, table);
    }
    if (options.provisioned) {
      for (const [object, field] of OWNED_FIELDS) this.table(object).addColumn(field);
    }
  }

  now(): number {
    return this.deps.clock.now();
  }

  find(name: string): Table | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** A table that exists by construction. */
  table(name: string): Table {
    const table = this.find(name);
    if (table === undefined) throw new Error(`no object ${name} in the simulated org`);
    return table;
  }

  /** Any record by its id of either form. */
  record(id: string): Row | undefined {
    const id18 = toId18(id);
    const likely = this.#byPrefix.get(id18.slice(0, 3))?.rows.get(id18);
    if (likely !== undefined) return likely;
    for (const table of this.tables) {
      const row = table.rows.get(id18);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  /** A new id that no dataset took already. */
  newId(table: Table): string {
    for (;;) {
      const id = this.ids.next(table.type.prefix);
      if (!table.rows.has(id)) return id;
    }
  }

  isObjectVisible(table: Table): boolean {
    return !this.switches.hiddenObjects.some((name) => name.toLowerCase() === table.type.name.toLowerCase());
  }

  /** The column as this user's field-level security shows it; undefined when unknown or hidden. */
  visibleColumn(table: Table, name: string, userId: string): Column | undefined {
    const column = table.column(name);
    return column !== undefined && this.mayRead(table, column, userId) ? column : undefined;
  }

  mayRead(table: Table, column: Column, userId: string): boolean {
    const { field } = column;
    if (field.multiCurrency && !this.switches.multiCurrency) return false;
    if (userId === this.integrationId && this.switches.hiddenFields.length > 0) {
      const full = `${table.type.name}.${field.name}`.toLowerCase();
      if (this.switches.hiddenFields.some((hidden) => hidden.toLowerCase() === full)) return false;
    }
    return field.grantedToAll || this.#isGranted(table, column, userId, 'PermissionsRead');
  }

  mayEdit(table: Table, column: Column, userId: string): boolean {
    return column.field.grantedToAll || this.#isGranted(table, column, userId, 'PermissionsEdit');
  }

  #isGranted(table: Table, column: Column, userId: string, permission: string): boolean {
    const full = `${table.type.name}.${column.field.name}`;
    const grants = this.table('FieldPermissions');
    const assignments = this.table('PermissionSetAssignment');
    const sets = new Set<unknown>();
    for (const row of assignments.rows.values()) {
      if (assignments.read(row, 'AssigneeId') === userId) sets.add(assignments.read(row, 'PermissionSetId'));
    }
    for (const row of grants.rows.values()) {
      const applies = grants.read(row, 'Field') === full && sets.has(grants.read(row, 'ParentId'));
      if (applies && grants.read(row, permission) === true) return true;
    }
    return false;
  }
}
