/** Puts what is read at run time beside the compiled files: migrations, rules and dictionaries. */
import { cpSync, globSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

for (const file of globSync([
  'src/store/migrations/*.sql',
  'config/rules/*.yaml',
  'config/dictionaries/*.json',
])) {
  const target = join('dist', file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(file, target);
}
