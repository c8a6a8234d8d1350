/** Who a process id belongs to: ids are reused (at once, in a container), so a pid alone proves nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** When that process began, in the system's own words; null where the system does not say. */
  readonly began: string | null;
}

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, began: beganOf(process.pid) };
  return own;
}

/** True when exactly this process is running now (not another one that was given its number). */
export function isRunning(identity: ProcessIdentity): boolean {
  if (!pidExists(identity.pid)) return false;
  const began = beganOf(identity.pid);
  return began === null || identity.began === null || began === identity.began;
}

export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line of a process, or null when the system does not say. */
export function commandOf(pid: number): string | null {
  if (process.platform === 'linux') return readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? null;
  return ask(pid, 'command=');
}

function beganOf(pid: number): string | null {
  if (process.platform !== 'linux') return ask(pid, 'lstart=');
  // Field 22 of proc_pid_stat(5), counted after the name in parentheses, which may itself hold spaces and parentheses.
  const stat = readText(`/proc/${pid}/stat`);
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (ticks === undefined) return null;
  return `${readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${ticks}`;
}

function ask(pid: number, column: string): string | null {
  if (process.platform === 'win32') return null;
  try {
    return (
      execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, LC_ALL: 'C' },
      }).trim() || null
    );
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
