// The pages in a real Chromium, and what a test needs to find its way on them (web/README.md).

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WAIT_MS, repositoryRoot, until } from "../support/service.mjs";

const requireOfPages = createRequire(join(repositoryRoot, "web/package.json"));
const { chromium } = requireOfPages("playwright-core");
const axe = requireOfPages("axe-core");

const launchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // --no-sandbox: Chromium as root needs it. The rest keeps it from calling home, which only delays a test.
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
};

/** A browser that ends with `t`. $CHROMIUM, or Debian's. */
export async function launchChromium(t) {
  const browser = await chromium.launch(launchOptions);
  t.after(() => browser.close());
  return browser;
}

/**
 * A browser with a profile of its own, which ends with `t`: it keeps cookies of other sites, as Microsoft's tests expect,
 * and takes any certificate.
 */
export async function launchChromiumWithProfile(t) {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default", "Preferences"),
    JSON.stringify({ profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }));
  const context = await chromium.launchPersistentContext(profile, { ...launchOptions, ignoreHTTPSErrors: true });
  t.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
  return context;
}

// What Chromium itself prints about a service that is away; no page can keep it quiet.
const networkNoise = /net::ERR_(CONNECTION|EMPTY_RESPONSE|FAILED|ABORTED|SOCKET|NETWORK)|WebSocket connection to .* failed/;

/** Returns a function that gives the page's console errors, exceptions and CSP violations so far. To be called before it opens. */
export async function noteComplaints(page) {
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(`${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP violation: ${event.violatedDirective}`));
  });
  return ({ serviceWasAway = false } = {}) => complaints.filter((text) => !(serviceWasAway && networkNoise.test(text)));
}

/** What axe finds that keeps people from using the page: its serious and critical violations, by element. */
export async function barriers(page) {
  // What changes its colours is between two states.
  await page.waitForFunction(() => {
    const roots = (root) => [root, ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? roots(shadowRoot) : []))];
    return roots(document).every((root) => root.getAnimations().every(({ effect }) => effect?.getComputedTiming().iterations === Infinity));
  });
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.flat().join(" ")} ${node.any[0]?.message ?? ""}`));
}

/** The page with both people connected. `complaints()`: console errors, exceptions and CSP violations so far. */
export async function openChat(t, browser, service, { contextOptions = {}, prepare = () => {}, conversation = "conv-123" } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...contextOptions });
  t.after(() => context.close());
  await prepare(context);
  const page = await context.newPage();
  const complaints = await noteComplaints(page);
  await page.goto(`${service.url}/?conversation=${conversation}`);
  const chat = {
    page,
    parent: new PersonPane(page, "parent-001"),
    teacher: new PersonPane(page, "teacher-001"),
    complaints,
  };
  await chat.parent.isLive();
  await chat.teacher.isLive();
  return chat;
}

class PersonPane {
  constructor(page, personId) {
    this.root = page.locator(`[data-testid=pane][data-person="${personId}"]`);
    this.bubbles = this.root.getByTestId("bubble");
  }

  connection() {
    return this.root.getByTestId("connection");
  }

  /** Waits for the connection to be in a state; reads the attribute, so that a hidden pane counts too. */
  async isIn(state) {
    await until(`a connection that is ${state}`, async () => (await this.connection().getAttribute("data-connection-state")) === state, WAIT_MS, 25);
  }

  isLive() {
    return this.isIn("live");
  }

  async send(text) {
    await this.root.getByTestId("composer").fill(text);
    await this.root.getByTestId("send").click();
  }

  bubble(text) {
    return this.bubbles.filter({ has: this.root.page().getByText(text, { exact: true }) });
  }

  /** Waits until the bubble with this text has this status, and returns what its attributes say. */
  async has(text, status) {
    return until(`"${text}" to be ${status}`, async () => {
      const found = await this.bubble(text).evaluateAll((all) => all.map(({ dataset }) => ({ ...dataset })));
      if (found.length > 1) throw new Error(`"${text}" is there ${found.length} times`);
      return found[0]?.status === status && found[0];
    }, WAIT_MS, 25);
  }
}
