// A real nginx in front of a service, in a folder of its own, on free ports, stopped by its id.

import { spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.mjs";
import { temporaryFolder, until } from "./service.mjs";

/** Why the tests of a proxy are left out here, or false. ./test installs nginx. */
export const withoutNginx = spawnSync("nginx", ["-v"], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }).error
  ? "nginx is not installed" : false;

export const answers = (port) => new Promise((done) => {
  const socket = connect({ port, host: "127.0.0.1" }, () => { socket.destroy(); done(true); }).once("error", () => done(false));
});

/** Starts nginx with one server for each of `locations`, lines of its configuration; gives their ports. */
export async function startNginx(t, service, locations) {
  const folder = temporaryFolder(t);
  const ports = [];
  for (const _ of locations) ports.push(await freePort());
  const servers = locations.map((lines, n) => `
    server {
      listen 127.0.0.1:${ports[n]};
      location / {
        proxy_pass http://127.0.0.1:${service.port};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        ${lines}
      }
    }`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(folder, name)};`);
  writeFileSync(join(folder, "nginx.conf"), `
    daemon off; master_process off; worker_processes 1; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};
    events { worker_connections 256; }
    http {
      access_log off; ${temporary.join(" ")}
      map $http_upgrade $connection_upgrade { default upgrade; '' close; }
      ${servers.join("")}
    }`);
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  t.after(() => child.kill("SIGKILL"));
  for (const port of ports) await until(`nginx on ${port}`, () => answers(port));
  return ports;
}
