// One person's side of the conversation. Owns its session from construction to `dispose`.

import { isThere, type ChatSession } from '../client/session';
import { entriesOf } from '../model/timeline';
import { Composer } from './composer';
import { ConnectionView } from './connection';
import { coalesced, el } from './dom';
import { LogView } from './log';
import { NoticeView } from './notice';

export interface PaneHooks {
  createConversation(): void;
  heard(): void;
}

const countdownStepMs = 500;

export class Pane {
  readonly element: HTMLElement;
  readonly session: ChatSession;
  readonly #log: LogView;
  readonly #composer: Composer;
  readonly #connection: ConnectionView;
  readonly #notice: NoticeView;
  readonly #schedule = coalesced(() => this.#render());
  #createProblem: string | undefined;
  #countdown: ReturnType<typeof setTimeout> | undefined;

  constructor(session: ChatSession, hooks: PaneHooks) {
    this.session = session;
    const { id, type, initial } = session.person;
    this.#connection = new ConnectionView(() => session.tryNow());
    this.#notice = new NoticeView(() => hooks.createConversation());
    this.#composer = new Composer(`Message as ${type}`, (content) => this.#send(content));
    this.#log = new LogView(`Messages as ${type} sees them`, {
      retry: (temporaryId) => session.retry(temporaryId),
      edit: (temporaryId) => this.#composer.take(session.withdraw(temporaryId)),
      loadOlder: () => void session.loadOlder(),
    });
    this.element = el(
      'section',
      { class: 'pane', attributes: { id: `pane-${id}`, 'aria-label': type, 'data-testid': 'pane', 'data-person': id, 'data-role': type } },
      el(
        'header',
        { class: 'pane-head' },
        el('span', { class: 'avatar', attributes: { 'aria-hidden': 'true' } }, initial),
        el('div', { class: 'pane-name' }, el('h2', {}, type), el('code', {}, id)),
        this.#connection.element,
      ),
      el('div', { class: 'pane-body' }, this.#log.element, this.#notice.element),
      this.#composer.element,
    );
    session.start({ changed: this.#schedule, heard: () => hooks.heard() });
    this.#schedule();
  }

  showCreateProblem(text: string | undefined): void {
    this.#createProblem = text;
    this.#schedule();
  }

  dispose(): void {
    clearTimeout(this.#countdown);
    this.session.stop();
    this.element.remove();
  }

  #send(content: string): void {
    this.session.send(content);
    this.#log.follow();
  }

  #render(): void {
    const { session } = this;
    if (this.#log.isFollowing) session.trim();
    const isReady = session.history === 'ready';
    this.#connection.show(session.status, session.caughtUpCount, isThere(session.history));
    this.#composer.enabled = isThere(session.history);
    this.#log.element.hidden = !isReady && session.timeline.outgoing.length === 0 && !this.#isLoading();
    this.#log.render({
      entries: entriesOf(session.timeline),
      ownId: session.person.id,
      hasOlder: session.timeline.hasOlder,
      older: session.older,
      isReady,
    });
    this.#renderNotice();
    this.#keepCounting();
  }

  #isLoading(): boolean {
    return this.session.history === 'loading' && this.session.historyProblem === undefined;
  }

  #renderNotice(): void {
    const { history, historyProblem, conversationId } = this.session;
    if (!isThere(history)) this.#notice.showMissing(conversationId, history === 'not-in', this.#createProblem);
    else if (history === 'loading' && historyProblem) this.#notice.showProblem(historyProblem);
    else this.#notice.hide();
  }

  #keepCounting(): void {
    clearTimeout(this.#countdown);
    const { status, timeline } = this.session;
    const isCounting = status.retryAtMs !== undefined || timeline.outgoing.some(({ retryAtMs }) => retryAtMs !== undefined);
    if (isCounting) this.#countdown = setTimeout(this.#schedule, countdownStepMs);
  }
}
