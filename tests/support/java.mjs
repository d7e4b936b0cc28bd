// Java programs for tests: the jars of a pom.xml are fetched once into the cache, and the sources beside it are compiled.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALL_MS = 300_000; // another's fetching too
const cache = process.env.MESSAGE_SERVICE_CACHE ?? join(homedir(), ".cache/message-service");

const BUILD = `
  built=$1 pom=$2; shift 2
  test -e "$built" && exit
  fresh=$built.fresh
  rm -rf "$fresh"
  mkdir -p "$fresh"
  cp "$pom" "$fresh/pom.xml"
  cd "$fresh"
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="$fresh/libs"
  javac -Xlint:all -Werror -cp "$fresh/libs/*" -d "$fresh/classes" "$@"
  mv "$fresh" "$built"`;

/** The command that runs `mainClass` of the sources in `folder`. Tests in other processes may ask too. */
export async function javaProgram(folder, mainClass) {
  const sources = readdirSync(folder).filter((name) => /\.java$|^pom\.xml$/.test(name)).map((name) => join(folder, name));
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  const built = join(cache, `java-${mainClass}-${hash.digest("hex").slice(0, 12)}`);
  if (!existsSync(built)) {
    mkdirSync(cache, { recursive: true });
    const java = sources.filter((name) => name.endsWith(".java"));
    await run("flock", [join(cache, "maven.lock"), "sh", "-e", "-c", BUILD, "sh", built, join(folder, "pom.xml"), ...java], { timeout: INSTALL_MS });
  }
  return ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", `${built}/classes:${built}/libs/*`, mainClass];
}
