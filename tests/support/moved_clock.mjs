// The wall clock of a service, moved by a preloaded library (process/moved_clock/):
//
//   const clock = movedClock(t);
//   const service = await startService(t, { env: clock.env });
//   clock.set(-8);
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot, temporaryFolder } from "./service.mjs";

export const DAY_MS = 86_400_000;
const library = process.env.MOVED_CLOCK ?? join(repositoryRoot, "build/release/libmoved-clock.so");

/** Right at first. */
export function movedClock(t) {
  const file = join(temporaryFolder(t), "clock");
  const set = (days) => writeFileSync(file, new BigInt64Array([BigInt(days * DAY_MS)]), { flag: existsSync(file) ? "r+" : "w" });
  set(0);
  return { env: { LD_PRELOAD: library, MOVED_CLOCK_FILE: file }, set };
}
