// Runs the .js files that lie right in a folder as Jasmine specs in Chromium: plain scripts of one page, in the order of
// their names. The page is of another origin than the fixture, and is told where that is as Karma tells its specs.
// For run_specs.sh, which tells what the arguments are.

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { launchChromium, launchChromiumWithProfile } from "../browser/chromium.mjs";
import { SpecReport } from "./spec_report.mjs";

const [folder, atLeast] = [process.argv[2], Number(process.argv[3])];
const clients = createRequire(new URL("../clients/package.json", import.meta.url));

const files = readdirSync(folder).filter((name) => name.endsWith(".js")).sort();
const tags = files.map((name) => `<script src="/specs/${encodeURIComponent(name)}"></script>`);
const html = `<!doctype html><meta charset="utf-8"><title>specs</title>
<script>window.process = { platform: "browser" }; // as bundlers give it; asked for before specs over https run
window.__karma__ = ${JSON.stringify({ config: { args: ["--server", process.env.SERVER_URL] } })};</script>
<script src="/jasmine.js"></script>
<script>
  window.jasmine = jasmineRequire.core(jasmineRequire);
  Object.assign(window, jasmineRequire.interface(jasmine, jasmine.getEnv()));
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 30_000;
  jasmine.getEnv().configure({ random: false });
  // Of a result only what the report reads: the rest may be anything, also what cannot leave the page.
  const told = ({ status, fullName, overallStatus, incompleteReason, failedExpectations }) => ({
    status, fullName, overallStatus, incompleteReason,
    failedExpectations: failedExpectations.map(({ message, stack }) => ({ message, stack })),
  });
  jasmine.getEnv().addReporter({
    specDone: (result) => tell("specDone", told(result)),
    suiteDone: (result) => tell("suiteDone", told(result)),
  });
  window.runSpecs = async () => told(await jasmine.getEnv().execute());
</script>
${tags.join("\n")}`;

function contentOf(path) {
  if (path === "/") return html;
  if (path === "/jasmine.js") return readFileSync(clients.resolve("jasmine-core/lib/jasmine-core/jasmine.js"));
  const name = files.find((file) => path === `/specs/${encodeURIComponent(file)}`);
  return name && readFileSync(join(folder, name));
}

const site = createServer(({ url }, response) => {
  const content = contentOf(url);
  response.statusCode = content ? 200 : 404;
  response.setHeader("Content-Type", url === "/" ? "text/html; charset=utf-8" : "text/javascript; charset=utf-8");
  response.end(content);
});
await new Promise((done) => site.listen(0, "127.0.0.1", done));

const ends = [];
// A fixture with https has a certificate that was made for this run, and is another site than the page.
const launch = process.env.BELIEVE_ANY_CERTIFICATE ? launchChromiumWithProfile : launchChromium;
const browser = await launch({ after: (end) => ends.push(end) });
const page = await browser.newPage();
const report = new SpecReport();
let said = []; // on the page's console since the last spec or suite
let errors = 0; // such as a file that cannot be run
page.on("console", (message) => said.push(message.text()));
page.on("pageerror", (error) => {
  errors += 1;
  console.log(`the page: ${error.stack}`);
});
await page.exposeFunction("tell", (what, result) => {
  report[what](result);
  if (result.status === "failed") console.log(said.map((text) => `  | ${text}`).join("\n"));
  said = [];
});

await page.goto(`http://127.0.0.1:${site.address().port}/`);
const result = await page.evaluate(() => window.runSpecs());
for (const end of ends) await end();
const good = report.close({ ...result, files: files.length, atLeast });
process.exit(good && errors === 0 ? 0 : 1);
