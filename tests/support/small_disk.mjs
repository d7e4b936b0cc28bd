// A disk that a test can fill: a small tmpfs.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startService } from "./service.mjs";

/** A service on a small disk of its own, or undefined where this user may not mount. Ends before its disk goes. */
export async function serviceOnSmallDisk(t, mebibytes, settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), "message-service-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder]).status === 0;
  let service;
  t.after(async () => {
    await service?.kill("SIGKILL");
    if (mounted) spawnSync("umount", ["--lazy", folder]);
    rmdirSync(folder);
  });
  if (!mounted) return undefined;
  service = await startService(t, { dataDirectory: folder, settings });
  return service;
}
