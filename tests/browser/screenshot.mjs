// Makes docs/images/chat.png and chat-phone.png: a short conversation on the page of the real program.
//   node tests/browser/screenshot.mjs

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot, sleep, startService } from "../support/service.mjs";
import { launchChromium, openChat } from "./chromium.mjs";

const warmUp = [["parent", "Good morning!"], ["teacher", "Hello!"], ["parent", "Just trying this out."]];
const lines = [
  ["parent", "Hello! Mia has a cold and stays at home today. What does she miss?"],
  ["teacher", "Get well soon, Mia! We start fractions: pages 42 and 43. Number 5 can wait until she is back."],
  ["parent", "Thank you! Does Friday’s trip to the planetarium still take place?"],
  ["teacher", "It does. The bus leaves at 8:15 from the main gate."],
  ["parent", "First smile of the day. See you on Friday!"],
];
const images = join(repositoryRoot, "docs/images");
const hooks = [];
const owner = { after: (hook) => hooks.push(hook) };

async function talk(chat, conversation) {
  for (const [person, text] of conversation) {
    const composer = chat[person].root.getByTestId("composer");
    await composer.fill(text);
    await composer.press("Enter");
    await sleep(700); // nobody looks meanwhile: the picture shows the service's times, not the looking's
    await chat.parent.has(text, "stored");
    await chat.teacher.has(text, "stored");
  }
}

async function shoot({ page }, name) {
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(0, 0);
  await sleep(400); // transitions
  await page.screenshot({ path: join(images, name) });
}

try {
  mkdirSync(images, { recursive: true });
  const service = await startService(owner, { conversations: ["conv-123", "conv-001"] });
  const browser = await launchChromium(owner);
  const look = { colorScheme: "light", locale: "en-GB" };
  const first = await openChat(owner, browser, service, { contextOptions: look, conversation: "conv-001" });
  await talk(first, warmUp);
  await first.page.close();
  const desktop = await openChat(owner, browser, service, { contextOptions: look });
  await talk(desktop, lines);
  await shoot(desktop, "chat.png");
  const phoneOptions = { ...look, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
  const phone = await openChat(owner, browser, service, { contextOptions: phoneOptions });
  await shoot(phone, "chat-phone.png");
} finally {
  for (const hook of hooks) await hook();
}
