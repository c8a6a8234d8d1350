#!/usr/bin/env node
// Plain JavaScript that any Node understands: finds a Node that can run oppsync, then hands over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
// Older Node 24 releases can hang in the HTTP client that Salesforce calls go through.
const enough = major > 24 || (major === 24 && minor >= 18);

if (enough) {
  // Started by the older Node below: when that one is gone, killed perhaps, nobody would stop this one.
  if (process.channel) {
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  // Compiled sources are kept beside the packages, where only who installed them may write; a third less CPU to start.
  module.enableCompileCache?.(join(root, 'node_modules', '.cache', 'oppsync'));
  const source = join(root, 'src', 'cli', 'main.ts');
  const entry = existsSync(source) ? source : join(root, 'dist', 'src', 'cli', 'main.js');
  const { start } = await import(pathToFileURL(entry).href);
  await start();
} else {
  // The npm package "node" unpacks a Node 24 here; npx would find the same one.
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(own)) {
    process.stderr.write(
      `oppsync needs Node 24.18 or newer; this is Node ${process.versions.node}.\n` +
        'Install it from https://nodejs.org, or run `npm ci` in the repository, which brings its own.\n',
    );
    process.exit(2);
  }
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // The terminal sends Ctrl-C to both; this process only waits. Signals sent to it alone are passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`oppsync could not start ${own}: ${error.message}\n`);
    process.exit(70);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 70);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
