// The manifests of deploy/kubernetes: valid, and what they say to the service is what the service knows. Their nodes are
// started with their own environment and arguments, and probed as the kubelet does.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { startCluster } from "../support/cluster.mjs";
import { freePort } from "../support/ports.mjs";
import { connected, goodMessage, messagesOf, request } from "../support/http.mjs";
import { pythonWith } from "../support/python.mjs";
import { binary, repositoryRoot, runVerb, startService, temporaryFolder, until } from "../support/service.mjs";
import { Issuer, bearer, makeKey, startProvider } from "../support/tokens.mjs";

const run = promisify(execFile);
const files = ["message-service.yaml", "message-service-cluster.yaml"].map((name) => join(repositoryRoot, "deploy/kubernetes", name));
const DOCUMENTS = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";

let python;
before(async () => (python = await pythonWith("kubernetes-validate==1.37.0")), { timeout: 200_000 });

const validate = (file) => run(join(dirname(python), "kubernetes-validate"), ["--strict", "--quiet", file]);
const documentsOf = async (file) => JSON.parse((await run(python, ["-c", DOCUMENTS, file])).stdout);

/** Each workload of a file with its container, and the environment that the file gives it. */
async function workloadsOf(file) {
  const documents = await documentsOf(file);
  const named = (kind, name) => documents.find((document) => document.kind === kind && document.metadata.name === name);
  return documents.filter(({ spec }) => spec?.template).map((workload) => {
    const pod = workload.spec.template;
    const [container] = pod.spec.containers;
    const environment = Object.assign({}, ...container.envFrom.map(({ configMapRef, secretRef }) =>
      (configMapRef ? named("ConfigMap", configMapRef.name).data : named("Secret", secretRef.name).stringData)));
    return { documents, workload, pod, container, environment, name: workload.metadata.name };
  });
}

/** The settings of a container, by key, as the service reads them. */
async function settingsOf({ environment, container }) {
  const flags = container.args.filter((flag) => flag.startsWith("--Shutdown"));
  const { code, stdout, stderr } = await runVerb(["config", "print", "--json", ...flags], { env: environment });
  assert.equal(code, 0, stderr);
  return Object.fromEntries(JSON.parse(stdout).options.map((option) => [option.key, option]));
}

test("the manifests are valid, and a word too many would be found", async (t) => {
  for (const file of files) await validate(file);
  const wrong = join(temporaryFolder(t), "wrong.yaml");
  writeFileSync(wrong, readFileSync(files[0], "utf8").replace("readinessProbe:", "readynessProbe:"));
  await assert.rejects(validate(wrong));
});

for (const file of files) {
  test(`${file.split("/").at(-1)}: every setting, port, path and label is one that the other side has`, async () => {
    const workloads = await workloadsOf(file);
    assert.ok(workloads.length);
    for (const item of workloads) {
      const { documents, workload, pod, container, environment, name } = item;
      assert.equal((await runVerb(["config", "check"], { env: environment })).code, 0, name);
      const settings = await settingsOf(item);
      for (const key of Object.keys(environment)) assert.notEqual(settings[key.replaceAll("__", ":")]?.origin ?? "default", "default", key);
      assert.equal((await runVerb(["config", "check"], { env: { ...environment, Shutdown__Delay: "1" } })).code, 2, "an unknown one stops the start");

      const ports = Object.fromEntries(container.ports.map((port) => [port.name, port.containerPort]));
      assert.equal(`http://*:${ports.management}`, settings["Management:Urls"].value);
      if (ports.http) assert.equal(`http://*:${ports.http}`, settings.Urls.value);
      assert.deepEqual([container.startupProbe, container.livenessProbe, container.readinessProbe].map(({ httpGet }) => [httpGet.path, httpGet.port]),
        [["/health/live", "management"], ["/health/live", "management"], ["/health/ready", "management"]]);

      const [delay, timeout] = ["Shutdown:DelayMs", "Shutdown:TimeoutMs"].map((key) => Number(settings[key].value));
      assert.ok(pod.spec.terminationGracePeriodSeconds * 1_000 >= delay + timeout + 3_000, `${name}: SIGKILL comes after the drain`);
      const { periodSeconds, failureThreshold } = container.readinessProbe;
      if (ports.http) assert.ok(periodSeconds * failureThreshold * 1_000 < delay, `${name}: the probe sees the 503 before the port closes`);

      assert.deepEqual(workload.spec.selector.matchLabels, pod.metadata.labels);
      const selects = ({ spec: { selector } }) => Object.entries(selector.matchLabels ?? selector).every(([key, value]) => pod.metadata.labels[key] === value);
      const services = documents.filter((document) => document.kind === "Service" && selects(document));
      assert.equal(services.length, ports.http ? 1 : 0);
      for (const { spec } of services) for (const { targetPort } of spec.ports) assert.ok(ports[targetPort], targetPort);
      const budgets = documents.filter((document) => document.kind === "PodDisruptionBudget" && selects(document));
      assert.equal(budgets.length, workload.spec.replicas > 1 ? 1 : 0);
      for (const { spec } of budgets) assert.ok(spec.maxUnavailable < workload.spec.replicas);

      assert.equal(pod.spec.securityContext.runAsNonRoot, true);
      const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext;
      assert.deepEqual([readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities.drop], [true, false, ["ALL"]]);
      if (workload.kind === "StatefulSet") {
        const [mount] = container.volumeMounts;
        assert.equal(mount.name, workload.spec.volumeClaimTemplates[0].metadata.name);
        assert.ok(settings["Providers:DataDirectory"].value.startsWith(`${mount.mountPath}/`));
        assert.match(readFileSync(join(repositoryRoot, "Dockerfile"), "utf8"), new RegExp(`^VOLUME ${mount.mountPath}$`, "m"));
      }
    }
  });
}

const probed = (port, path) => connected(port, async (connection) => {
  connection.write(request("GET", path, { headers: { Host: `10.244.1.7:${port}`, "User-Agent": "kube-probe/1.34", Accept: "*/*", Connection: "close" } }));
  return (await connection.response()).status;
});

/** Starts a workload's program with its own environment and arguments; only addresses and the folder are the test's. */
async function startPod(t, { environment, container }, settings, options = {}) {
  const management = await freePort();
  const [verb, ...args] = container.args;
  assert.equal(verb, "serve");
  const node = await startService(t, { ...options, env: environment, args, conversations: [], settings: {
    "Management:Urls": `http://127.0.0.1:${management}`, "Authentication:Schemes:Bearer:RequireHttpsMetadata": false, ...settings } });
  const answers = () => Promise.all(["startupProbe", "livenessProbe", "readinessProbe"].map((probe) => probed(management, container[probe].httpGet.path)));
  await until("every probe", async () => (await answers()).every((status) => status === 200));
  return Object.assign(node, { answers });
}

/** A provider of keys as an Authority, and what a person sends. */
async function startAuthority(t) {
  const key = makeKey("ES256");
  const provider = await startProvider(t, [key]);
  const issuer = new Issuer({ issuer: provider.url, audience: "chat", keys: [key] });
  const call = (node, method, path, who, body) => fetch(node.url + path, { method,
    headers: { "Content-Type": "application/json", ...bearer(who) }, body: body && JSON.stringify(body) });
  return { settings: { "Authentication:Schemes:Bearer:Authority": provider.url }, person: issuer.person("parent-001"),
    backEnd: issuer.program("conversations:manage"), call };
}

const room = { id: "conv-1", participants: [{ id: "parent-001", type: "Parent" }] };

/** A program that runs the service as the pod's user, where the whole root is read-only but for its folder. */
function confined(t, user, data) {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  copyFileSync(binary, join(folder, "message-service"));
  const program = join(folder, "pod");
  writeFileSync(program, `#!/bin/sh
exec unshare --mount sh -ec '
  mount --bind ${data} ${data}
  mount -o remount,bind,ro /
  cd ${data}
  if touch /written 2>/dev/null; then echo "the root is not read-only" >&2; exit 9; fi
  exec setpriv --reuid ${user} --regid ${user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \\
    ${folder}/message-service "$@"' sh "$@"
`);
  chmodSync(program, 0o755);
  return program;
}

const cannotMount = process.getuid() !== 0 || spawnSync("unshare", ["--mount", "sh", "-c", "mount --bind /tmp /tmp"]).status !== 0
  ? "needs root and mount namespaces" : false;

test("the embedded node runs as the pod's user on a read-only root, drains in time, and finds its data again", { skip: cannotMount }, async (t) => {
  const [item] = await workloadsOf(files[0]);
  const authority = await startAuthority(t);
  const dataDirectory = temporaryFolder(t);
  const { runAsUser } = item.pod.spec.securityContext;
  chownSync(dataDirectory, runAsUser, runAsUser);
  const options = { dataDirectory, program: confined(t, runAsUser, dataDirectory) };
  const settings = { "Providers:DataDirectory": join(dataDirectory, "data"), ...authority.settings };
  const node = await startPod(t, item, settings, options);
  assert.match(readFileSync(`/proc/${node.pid}/status`, "utf8"), new RegExp(`^Uid:\\s+${runAsUser}\\s`, "m"));
  assert.equal((await authority.call(node, "POST", "/api/conversations", authority.backEnd, room)).status, 201);
  const posted = await authority.call(node, "POST", messagesOf("conv-1"), authority.person, goodMessage);
  assert.equal(posted.status, 202);

  const exiting = node.stop();
  await until("not ready", async () => (await node.answers()).join() === "200,200,503");
  const late = await authority.call(node, "POST", messagesOf("conv-1"), authority.person, goodMessage);
  assert.equal(late.status, 202, "requests that were on their way are taken");
  assert.deepEqual(await exiting, { code: 0, signal: null });

  await node.start();
  await until("ready, with the keys of the authority", async () => (await node.answers()).join() === "200,200,200");
  const { messages } = await (await authority.call(node, "GET", messagesOf("conv-1"), authority.person)).json();
  assert.equal(messages.length, 2);
});

test("the cluster's front nodes and persisters do their part on a real Kafka and MongoDB", { timeout: 300_000 }, async (t) => {
  const [front, persister] = await workloadsOf(files[1]);
  assert.deepEqual([front.name, persister.name], ["message-service-front", "message-service-persister"]);
  const cluster = await startCluster(t);
  const authority = await startAuthority(t);
  const settings = { ...cluster.settings(), ...authority.settings };
  const fronts = [await startPod(t, front, settings), await startPod(t, front, settings)];
  await startPod(t, persister, settings);
  assert.equal((await authority.call(fronts[0], "POST", "/api/conversations", authority.backEnd, room)).status, 201);
  const { status, headers } = await authority.call(fronts[0], "POST", messagesOf("conv-1"), authority.person, goodMessage);
  assert.equal(status, 202);
  await until("stored, as the other node sees it", async () =>
    (await authority.call(fronts[1], "GET", headers.get("location"), authority.person)).status === 200);
});
