import { readFileSync } from 'node:fs';
import type { Document } from 'yaml';
import { isMap, isPair, isScalar, visit } from 'yaml';
import type { KeyPath } from './document.ts';
import { pathText } from './document.ts';
import { nearest } from './nearest.ts';
import { CONNECTION_KEYS } from './schema.ts';
import { isSecretKey } from './secrecy.ts';
import type { ProblemCode } from './sentences.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with a name of their own, and the key each one sets. */
export const ALIASES: Readonly<Record<string, KeyPath>> = {
  DATABASE_URL: ['database', 'url'],
  REDIS_URL: ['redis', 'url'],
  OPPSYNC_HTTP_PORT: ['http', 'port'],
  OPPSYNC_PUBLIC_URL: ['http', 'publicUrl'],
  OPPSYNC_DATA_DIR: ['database', 'dataDir'],
  OPPSYNC_LOG_LEVEL: ['log', 'level'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['tracing', 'endpoint'],
};

/** Variables of the test suite; they are no settings. */
const NOT_SETTINGS = /^OPPSYNC_TEST_/;

/**
 * What Kubernetes tells each container of the services beside it (kubernetes.io, "Accessing the Service", environment
 * variables): of one called `oppsync-web` `OPPSYNC_WEB_SERVICE_HOST`, `OPPSYNC_WEB_PORT=tcp://…` and more.
 */
function isServiceLink(name: string, value: string | undefined): boolean {
  if (/^OPPSYNC(_[A-Z\d]+)*_(SERVICE_(HOST|PORT(_[A-Z\d_]+)?)|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)$/.test(name))
    return !name.includes('__');
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value ?? '');
}

export interface VariableProblem {
  readonly code: ProblemCode;
  readonly params: Readonly<Record<string, string>>;
}

type Read = { readonly value: string } | { readonly problem: VariableProblem } | null;

/** A variable's value, or the text of the file that `NAME_FILE` names. Null when neither is set; blank counts as unset. */
export function readVariable(env: Environment, name: string): Read {
  const direct = env[name] === '' ? undefined : env[name];
  const file = env[`${name}_FILE`] === '' ? undefined : env[`${name}_FILE`];
  if (direct !== undefined && file !== undefined)
    return { problem: { code: 'variable_twice', params: { name } } };
  if (direct !== undefined) return { value: direct };
  if (file === undefined) return null;
  try {
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    return { problem: { code: 'variable_file', params: { name: `${name}_FILE`, reason } } };
  }
}

/** Environment text as the value a YAML file would have held; values of secret keys stay text. */
function scalarOf(text: string, key: string): unknown {
  if (isSecretKey(key) || /^(client_?id|username)$/i.test(key)) return text;
  if (/^(true|false|-?\d{1,15})$/.test(text)) return JSON.parse(text) as unknown;
  if (/^[[{]/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  return text;
}

export interface Substituted {
  /** Key path text -> name of the variable its value came from. */
  readonly sources: ReadonlyMap<string, string>;
  readonly problems: readonly (VariableProblem & { readonly offset: number; readonly path: KeyPath })[];
}

/** Replaces `${NAME}` in the document's text values; `$${` stands for a plain `${`. */
export function substituteVariables(document: Document, env: Environment): Substituted {
  const sources = new Map<string, string>();
  const problems: (VariableProblem & { offset: number; path: KeyPath })[] = [];
  visit(document, {
    Scalar(slot, node, ancestors) {
      if (slot === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const path = pathOf([...ancestors, node]);
      const key = String(path.at(-1) ?? '');
      const whole = node.type === 'PLAIN' && /^\$\{\w+\}$/.test(node.value);
      const text = node.value.replace(/\$?\$\{([A-Za-z_]\w*)\}/g, (all, name: string) => {
        if (all.startsWith('$$')) return all.slice(1);
        const read = readVariable(env, name);
        if (read !== null && 'value' in read) {
          sources.set(pathText(path), name);
          return read.value;
        }
        const problem = read?.problem ?? { code: 'variable_missing' as const, params: { name } };
        problems.push({ ...problem, offset: node.range?.[0] ?? 0, path });
        return '';
      });
      node.value = whole ? scalarOf(text, key) : text;
    },
  });
  return { sources, problems };
}

/** Key path of the last node, read from the pairs and lists above it. */
function pathOf(chain: readonly unknown[]): KeyPath {
  const path: (string | number)[] = [];
  for (const [depth, node] of chain.entries()) {
    if (isPair(node) && isScalar(node.key)) path.push(String(node.key.value));
    const above = chain[depth - 1];
    if (
      above !== undefined &&
      !isPair(above) &&
      !isMap(above) &&
      typeof above === 'object' &&
      above !== null
    ) {
      const items = (above as { items?: unknown[] }).items;
      if (items !== undefined) path.push(items.indexOf(node));
    }
  }
  return path;
}

export interface Overridden {
  readonly sources: ReadonlyMap<string, string>;
  readonly problems: readonly VariableProblem[];
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '');

/** The key that one part of a variable's name means at this place, or null. */
function keyFor(
  part: string,
  here: Record<string, unknown>,
  path: KeyPath,
  known: (path: KeyPath) => readonly string[] | null,
): string | null {
  const listed = known(path);
  const spelled = [...Object.keys(here), ...(listed ?? [])];
  const inConnection = path[0] === 'connections' && path.length >= 2;
  if (inConnection) spelled.push(...CONNECTION_KEYS);
  const found = spelled.find((key) => plain(key) === plain(part));
  if (found !== undefined) return found;
  if (inConnection)
    return part.toLowerCase().replaceAll(/_+(\w)/g, (_all, letter: string) => letter.toUpperCase());
  return listed === null ? part.toLowerCase().replaceAll('_', '-') : null;
}

/**
 * Lays the environment's settings over the file's. `OPPSYNC_A__B__C` sets `a.b.c`; case, dashes and single underscores
 * do not count in matching a key.
 * @param data the file's data; changed in place
 * @param known keys the schema knows at a path; null where any name may stand
 */
export function overrideFromEnvironment(
  data: Record<string, unknown>,
  env: Environment,
  known: (path: KeyPath) => readonly string[] | null,
): Overridden {
  const sources = new Map<string, string>();
  const problems: VariableProblem[] = [];
  const names = new Set(
    Object.keys(env)
      .filter(
        (name) =>
          (name.startsWith('OPPSYNC_') || name.replace(/_FILE$/, '') in ALIASES) &&
          !NOT_SETTINGS.test(name) &&
          !isServiceLink(name, env[name]),
      )
      .map((name) => (name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name)),
  );
  for (const name of [...names].sort()) {
    const read = readVariable(env, name);
    if (read === null) continue;
    const path = ALIASES[name] ?? resolvePath(name, data, known);
    if (path === null) {
      const near = nearest(name, Object.keys(ALIASES));
      if (name.includes('__') || near !== null)
        problems.push({ code: 'unknown_variable', params: { name, ...(near === null ? {} : { near }) } });
      continue;
    }
    if ('problem' in read) {
      problems.push(read.problem);
      continue;
    }
    put(data, path, scalarOf(read.value, String(path.at(-1))));
    sources.set(pathText(path), name);
  }
  return { sources, problems };
}

function resolvePath(
  name: string,
  data: Record<string, unknown>,
  known: (path: KeyPath) => readonly string[] | null,
): KeyPath | null {
  if (!name.includes('__')) return null;
  const path: string[] = [];
  let here: Record<string, unknown> = data;
  for (const part of name.slice('OPPSYNC_'.length).split('__')) {
    const key = part === '' ? null : keyFor(part, here, path, known);
    if (key === null || key === '__proto__') return null;
    path.push(key);
    const next = Object.hasOwn(here, key) ? here[key] : undefined;
    here = isGroup(next) ? next : {};
  }
  return path;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function put(data: Record<string, unknown>, path: KeyPath, value: unknown): void {
  let here = data;
  for (const part of path.slice(0, -1)) {
    const existing = here[part];
    const next = isGroup(existing) ? existing : {};
    here[part] = next;
    here = next;
  }
  here[String(path.at(-1))] = value;
}
