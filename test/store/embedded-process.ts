/** A process of its own that uses the embedded database: says where it is, and closes when its standard input ends. */

import { startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { quiet } from '../support/database.ts';

const began = performance.now();
const database = await startEmbedded({ dataDir: process.argv[2] ?? '', log: quiet });
const { connectionString, dataDir } = database;
console.log(JSON.stringify({ connectionString, dataDir, ms: Math.round(performance.now() - began) }));
process.stdin.resume();
process.stdin.on('end', () => {
  void database.close();
});
