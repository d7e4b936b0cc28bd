// Whose eyes the data folder is for: its owner's, whatever the umask says.
import assert from "node:assert/strict";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runVerb, startService, temporaryFolder } from "../support/service.mjs";
import { WriteLog } from "../support/traffic.mjs";

const mode = (path) => statSync(path).mode & 0o777;

function everythingIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...everythingIn(path)] : [path];
  });
}

const saysOpen = async (dataDirectory) => {
  const { stdout } = await runVerb(["doctor", "--json", `--Providers:DataDirectory=${dataDirectory}`]);
  return JSON.parse(stdout).findings.some((finding) => finding.text.includes("other accounts"));
};

for (const umask of [0o000, 0o022]) {
  test(`with a umask of 0${umask.toString(8)} nobody else can read a message`, async (t) => {
    const dataDirectory = join(temporaryFolder(t), "data");
    const before = process.umask(umask);
    t.after(() => process.umask(before));
    const settings = { "Providers:DataDirectory": dataDirectory };
    const service = await startService(t, { settings, conversations: ["conv-1"] });
    const log = new WriteLog();
    for (let i = 0; i < 20; ++i) await log.write(service, "conv-1", { content: `${i}` });
    await service.restart(); // puts what the write-ahead log holds into table files
    await service.stop(); // a running service makes and renames files while they are looked at
    const all = everythingIn(dataDirectory);
    assert.ok(all.length > 8, `${all}`);
    assert.equal(mode(dataDirectory), 0o700);
    for (const path of all) assert.equal(mode(path), statSync(path).isDirectory() ? 0o700 : 0o600, path);

    assert.ok(!(await saysOpen(dataDirectory)));
    for (const path of [dataDirectory, ...all]) chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
    assert.ok(await saysOpen(dataDirectory), "doctor says that an older folder is open");
    chmodSync(dataDirectory, 0o700);
    assert.ok(!(await saysOpen(dataDirectory)), "nobody gets past the folder itself");
  });
}
