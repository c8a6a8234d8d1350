/** Loaded into a measured process: writes what the process used, itself and without its children, when it ends. */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['BENCH_METER'];
if (file !== undefined) {
  // Processes started by the measured one are not measured.
  delete process.env['BENCH_METER'];
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(
      file,
      JSON.stringify({
        cpuMs: (userCPUTime + systemCPUTime) / 1000,
        systemMs: systemCPUTime / 1000,
        peakMb: peakMb(),
      }),
    );
  });
}

/** High-water mark of this process image; `maxRSS` would start from what the parent held when it forked. */
function peakMb(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
