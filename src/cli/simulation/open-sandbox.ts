import type { RunningSandbox, SandboxOptions } from '../../sandbox/start.ts';
import type { Context } from '../context.ts';
import { datasetWords, isDatasetFault } from '../present/dataset-words.ts';
import { printable } from '../present/text.ts';
import { unreadableFile } from '../unreadable-file.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Starts the simulated CRMs.
 * @throws UsageError for an occupied port, an unreadable dataset line or options that do not fit
 */
export async function openSandbox(context: Context, options: SandboxOptions): Promise<RunningSandbox> {
  try {
    return await context.startSandbox(options);
  } catch (error) {
    throw translated(error, context);
  }
}

function translated(error: unknown, context: Context): unknown {
  if (!(error instanceof Error)) return error;
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE')
    return new UsageError('error.port', {
      port: String(port),
      setting: '--port-salesforce, --port-hubspot, --port-events',
    });
  if (error.name === 'SandboxPortError') return new UsageError('usage.invalid', { message: error.message });
  if (error.name === 'DatasetFileError') {
    const { file, line } = error as Error & { readonly file: string; readonly line: number | null };
    // Where no line of it is wrong it is the file itself that cannot be read.
    if (line === null || !isDatasetFault(error.cause)) return unreadableFile(file, error.cause);
    const reason = printable(datasetWords(error.cause, context.words));
    return new UsageError('usage.dataset', { file, line: String(line), reason });
  }
  if (error.name === 'Refusal' || error.name === 'DatasetError')
    return new UsageError('usage.invalid', { message: error.message });
  return error;
}
