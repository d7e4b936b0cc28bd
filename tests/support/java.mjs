// Java programs for tests: the jars of a pom.xml are fetched once into the cache, and the sources beside it are compiled.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALL_MS = 180_000;
const cache = process.env.MESSAGE_SERVICE_CACHE ?? join(homedir(), ".cache/message-service");

/** The command that runs `mainClass` of the sources in `folder`. Complete or absent: moved into place when all is there. */
export async function javaProgram(folder, mainClass) {
  const sources = readdirSync(folder).filter((name) => /\.java$|^pom\.xml$/.test(name)).map((name) => join(folder, name));
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  const built = join(cache, `java-${mainClass}-${hash.digest("hex").slice(0, 12)}`);
  if (!existsSync(built)) {
    mkdirSync(cache, { recursive: true });
    const fresh = mkdtempSync(`${built}.`);
    copyFileSync(join(folder, "pom.xml"), join(fresh, "pom.xml"));
    await run("mvn", ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${fresh}/libs`], { cwd: fresh, timeout: INSTALL_MS });
    const classPath = readdirSync(join(fresh, "libs")).map((jar) => join(fresh, "libs", jar)).join(":");
    await run("javac", ["-Xlint:all", "-Werror", "-cp", classPath, "-d", join(fresh, "classes"), ...sources.filter((name) => name.endsWith(".java"))],
      { timeout: INSTALL_MS });
    if (existsSync(built)) rmSync(fresh, { recursive: true });
    else renameSync(fresh, built);
  }
  return ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", `${built}/classes:${built}/libs/*`, mainClass];
}
