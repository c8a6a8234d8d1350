import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The parts of a zod definition that are walked here. */
interface Def {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly valueType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
}

function defOf(schema: z.core.$ZodType): Def {
  return (schema as unknown as { _zod: { def: Def } })._zod.def;
}

/** The definition under defaults and optionality. */
function inner(schema: z.core.$ZodType): Def {
  const def = defOf(schema);
  return def.innerType === undefined ? def : inner(def.innerType);
}

function objectOf(def: Def): Def | undefined {
  if (def.type === 'object') return def;
  return def.options?.map(inner).find((option) => option.type === 'object');
}

/** Keys the schema knows at a path; null where the user chooses the names; empty where nothing is known. */
export function knownKeys(path: readonly (string | number)[]): readonly string[] | null {
  let here: Def = inner(configSchema);
  for (const part of path) {
    const next = here.type === 'record' ? here.valueType : objectOf(here)?.shape?.[String(part)];
    if (next === undefined) return [];
    here = inner(next);
  }
  return here.type === 'record' ? null : Object.keys(objectOf(here)?.shape ?? {});
}

/** One line of the reference: key path with `<name>` for free names, help, default as JSON or null. */
export interface SettingLine {
  readonly path: string;
  readonly help: string;
  readonly fallback: string | null;
}

/** Every setting the schema knows, in the order it is written. */
export function settingLines(): readonly SettingLine[] {
  return linesUnder(configSchema, '');
}

function linesUnder(
  schema: z.core.$ZodType,
  path: string,
  fallback: string | null = null,
): readonly SettingLine[] {
  const def = defOf(schema);
  const help = z.globalRegistry.get(schema)?.description ?? '';
  if (def.innerType !== undefined) {
    const stated = def.type === 'default' ? JSON.stringify(def.defaultValue) : fallback;
    const [first, ...rest] = linesUnder(def.innerType, path, stated);
    if (help === '') return first === undefined ? [] : [first, ...rest];
    return first?.path === path
      ? [{ ...first, help }, ...rest]
      : [{ path, help, fallback: stated }, ...(first === undefined ? [] : [first]), ...rest];
  }
  const own = help === '' || path === '' ? [] : [{ path, help, fallback }];
  const shape = objectOf(def)?.shape;
  if (shape !== undefined)
    return [
      ...own,
      ...Object.entries(shape).flatMap(([key, child]) =>
        linesUnder(child, path === '' ? key : `${path}.${key}`),
      ),
    ];
  if (def.type === 'record' && def.valueType !== undefined) {
    const value = inner(def.valueType);
    if (objectOf(value) !== undefined) return [...own, ...linesUnder(def.valueType, `${path}.<name>`)];
  }
  return own;
}
