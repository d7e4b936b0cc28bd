// One hostile connection, as a program of its own:   attacker.mjs PORT SHAPE
// Sends one of the shapes over and over until its input ends. Prints a line when it begins, and how many bytes it has sent at the end.
import { createConnection } from "node:net";
import { sleep } from "../../support/service.mjs";
import { shapes } from "./shapes.mjs";

const [port, shape] = process.argv.slice(2);
const service = { port: Number(port), url: `http://127.0.0.1:${port}` };

let running = true;
let sentBytes = 0;
process.stdin.resume().on("end", () => {
  running = false;
});

/** Opens a connection, sends `first`, then `again` over and over; ends when the service ends it, or with the answer where
 *  there is nothing to send again. */
async function attack({ first = () => "", again }) {
  const opening = Buffer.from(await first(service));
  const bytes = Buffer.from(again);
  await new Promise((ended) => {
    const socket = createConnection({ port: service.port, host: "127.0.0.1", noDelay: true });
    sentBytes += opening.length;
    const pump = () => {
      while (running && !socket.destroyed && socket.write(bytes)) sentBytes += bytes.length;
      if (!running) socket.destroy();
    };
    const timer = setInterval(() => running || socket.destroy(), 20);
    socket.on("error", () => {}).on("data", () => {}).on("drain", pump);
    socket.on("close", () => (clearInterval(timer), ended()));
    socket.once("connect", () => {
      if (!opening.length) return pump();
      socket.write(opening);
      socket.once("data", bytes.length ? pump : () => socket.destroy());
    });
  });
}

console.log("sending");
while (running) {
  await attack(shapes[shape]);
  await sleep(1);
}
console.log(sentBytes);
process.exit();
