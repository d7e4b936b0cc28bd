// The operators' page: asks its node once a second for the figures, now and then whether it is ready and which other nodes there
// are, and for the dead letters, at once when their figures have changed. The node counts anyway: what the page costs does not
// depend on how much the node does.

import { el } from '../ui/dom';
import { NodeClient, type Readiness, type Refusal, type ScrapeOutcome } from './client/node';
import { Poller } from './client/poller';
import { OperatorToken } from './client/token';
import type { DeadLetter } from './model/dead_letter';
import { figuresOf, type Figures } from './model/figures';
import { History } from './model/history';
import type { Scrape } from './model/prometheus';
import { Recent } from './model/recent';
import { countText, durationText } from './model/texts';
import { DeadLettersPanel } from './ui/dead_letters';
import { chartColumns, chartSeconds, chartValues, FigurePanels } from './ui/figure_panels';
import { DashboardHeader, type LinkState } from './ui/header';
import { NodePanel } from './ui/node_panel';
import { NodesPanel } from './ui/nodes_panel';
import { TokenForm } from './ui/token_form';

const everyMs = 1_000;
const windowMs = 10_000; // of the figures in tiles and tables
const healthEveryMs = 2_000;
const lettersEveryMs = 4_000; // a node that reads no partition learns in no other way of new ones
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export class Dashboard {
  readonly #root: HTMLElement;
  readonly #token = new OperatorToken();
  readonly #node = new NodeClient(new URL('.', document.baseURI), this.#token);
  readonly #history = new History(chartColumns, { rowsMax: chartSeconds + 60, gapMs: 5 * everyMs });
  readonly #poller = new Poller(() => this.#look(), everyMs);
  readonly #header = new DashboardHeader({ pause: () => this.#pauseOrContinue(), forget: () => this.#useToken('') });
  readonly #figures = new FigurePanels(this.#history);
  readonly #nodePanel = new NodePanel();
  readonly #nodesPanel = new NodesPanel();
  readonly #signIn = new TokenForm('sign-in-token', (token) => this.#useToken(token));
  readonly #deadLetters = new DeadLettersPanel({
    look: (letter) => this.#node.deadRecord(letter),
    order: (action, letter) => this.#order(action, letter),
    token: (token) => this.#useToken(token),
  });
  readonly #panels: HTMLElement;
  #recent = new Recent(windowMs);
  #state: LinkState = 'connecting';
  #sinceMs = Date.now();
  #problem = '';
  #lastOutage = '';
  #readiness: Readiness | undefined;
  #healthAskedMs = -Infinity;
  #lettersAskedMs = -Infinity;
  #lettersSeen = '';
  #lettersProblem = '';
  #lettersAreDue = true;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#panels = el(
      'div',
      { class: 'panels' },
      this.#figures.tiles.element,
      this.#figures.charts,
      el('div', { class: 'tables' }, ...this.#figures.tables, this.#nodePanel.element),
      el('div', { class: 'cluster' }, this.#nodesPanel.element, this.#deadLetters.element),
    );
    this.#signIn.hide();
  }

  start(): void {
    this.#root.replaceChildren(this.#header.element, el('main', {}, this.#signIn.element, this.#panels));
    this.#show();
    this.#poller.start();
  }

  async #look(): Promise<void> {
    this.#take(await this.#node.scrape());
    this.#show();
    if (this.#state !== 'live') return;
    await Promise.all([this.#askHealth(), this.#askDeadLetters()]);
  }

  #take(outcome: ScrapeOutcome): void {
    if (this.#poller.isStopped) return; // it was paused, or has another token, while the answer was on its way
    if (outcome.kind === 'refused') return this.#askToSignIn(outcome);
    if (outcome.kind === 'failed') return this.#enter('away', outcome.text);
    if (this.#state === 'away') this.#lastOutage = `The node was away from ${clock.format(this.#sinceMs)} to ${clock.format(Date.now())}.`;
    this.#enter('live', '');
    this.#recent.add(outcome.scrape);
    const whole = this.#recent.whole;
    const step = this.#recent.step;
    if (whole && step) this.#showFigures(outcome.scrape, figuresOf(whole), figuresOf(step));
    else this.#nodePanel.show(outcome.scrape, undefined, this.#readiness, Date.now());
  }

  #showFigures(scrape: Scrape, whole: Figures, step: Figures): void {
    this.#history.add(Date.now(), chartValues(step, whole));
    this.#figures.show(whole);
    this.#figures.showCharts();
    this.#nodePanel.show(scrape, whole, this.#readiness, Date.now());
  }

  #askToSignIn({ hadToken, text }: Refusal): void {
    this.#poller.stop();
    this.#enter('signed-out', '');
    const how = 'One with the scope operator, as your identity provider gives it, or the content of the file admin-token in the data folder. It stays in this tab.';
    this.#signIn.show('The figures are for operators: give a token', how, hadToken ? `The service refused this one: ${text}` : '');
  }

  #useToken(token: string): void {
    this.#token.set(token);
    this.#signIn.hide();
    this.#recent = new Recent(windowMs);
    this.#lettersAreDue = true;
    this.#lettersAskedMs = -Infinity;
    this.#lettersProblem = '';
    this.#enter('connecting', '');
    this.#show();
    this.#poller.start();
  }

  #pauseOrContinue(): void {
    if (this.#state === 'paused') {
      this.#enter('connecting', '');
      this.#poller.start();
    } else {
      this.#poller.stop();
      this.#enter('paused', '');
    }
    this.#show();
  }

  async #askHealth(): Promise<void> {
    if (performance.now() - this.#healthAskedMs < healthEveryMs) return;
    this.#healthAskedMs = performance.now();
    const [readiness, nodes] = await Promise.all([this.#node.readiness(), this.#node.nodes()]);
    this.#readiness = readiness;
    this.#nodesPanel.show(nodes);
  }

  async #askDeadLetters(): Promise<void> {
    const scrape = this.#recent.latest!;
    const seen = `${scrape.value('dead_letters_open')} ${scrape.value('dead_letter_total')}`;
    if (seen !== this.#lettersSeen) this.#lettersAreDue = true;
    this.#lettersSeen = seen;
    // Only who reads partitions counts their letters.
    const counted = scrape.value('consumer_lag_records') === undefined ? undefined : scrape.value('dead_letters_open');
    if (!this.#token.value) return this.#showNoLetters(counted);
    if (!this.#lettersAreDue && performance.now() - this.#lettersAskedMs < lettersEveryMs) return;
    this.#lettersAreDue = false;
    this.#lettersAskedMs = performance.now();
    const outcome = await this.#node.deadLetters();
    if (outcome.kind === 'refused') return this.#refuseToken(counted, outcome);
    if (outcome.kind === 'list') {
      this.#deadLetters.showList(outcome.page);
      this.#showOpen(outcome.page.letters.length, outcome.page.more);
      return;
    }
    this.#showCounted(counted);
    if (outcome.kind === 'missing') this.#deadLetters.showState('This node has no routes for them: ask with the command message-service dead.');
    else this.#deadLetters.showState(`They cannot be read: ${outcome.text}`);
  }

  // A node without sign-in gives figures to everybody, and dead letters to who has the data folder's token.
  #refuseToken(counted: number | undefined, { text }: Refusal): void {
    this.#token.set('');
    this.#lettersProblem = `The service refused this token: ${text}`;
    this.#showNoLetters(counted);
  }

  #showNoLetters(counted: number | undefined): void {
    this.#showCounted(counted);
    this.#deadLetters.askForToken(counted, this.#lettersProblem);
  }

  #showCounted(counted: number | undefined): void {
    this.#showOpen(counted, false, counted === undefined ? 'not counted by this node' : 'of the partitions it reads');
  }

  #showOpen(open: number | undefined, more: boolean, note = ''): void {
    this.#figures.tiles.show('dead', { text: `${countText(open)}${more ? '+' : ''}`, note, isBad: (open ?? 0) > 0 });
  }

  async #order(action: 'retry' | 'discard', letter: DeadLetter) {
    const outcome = await this.#node.order(action, letter);
    this.#lettersAreDue = true;
    return outcome;
  }

  #enter(state: LinkState, problem: string): void {
    this.#problem = problem;
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceMs = Date.now();
  }

  #show(): void {
    const isAway = this.#state === 'away';
    const forText = isAway ? ` for ${durationText((Date.now() - this.#sinceMs) / 1000)}` : '';
    this.#header.show(this.#state, forText, this.#note(), this.#token.value !== '');
    this.#panels.hidden = this.#state === 'signed-out';
    this.#panels.classList.toggle('is-stale', isAway || this.#state === 'paused');
  }

  #note(): string {
    if (this.#state === 'away') return `No figures since ${clock.format(this.#sinceMs)}: ${this.#problem}. What stands below is older.`;
    if (this.#state === 'paused') return `Paused at ${clock.format(this.#sinceMs)}.`;
    if (this.#recent.isMixed) return 'This address leads to several nodes by turns, and their figures are mixed here: open the page of one node.';
    const restarts = this.#recent.restarts;
    return [this.#lastOutage, restarts > 0 ? `The node has started again ${restarts === 1 ? 'once' : `${restarts} times`} meanwhile.` : ''].join(' ').trim();
  }
}
