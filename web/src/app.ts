// The page: header, tabs, and a pane for each person. Opening another conversation replaces the panes.

import { Api } from './client/api';
import { ChatSession } from './client/session';
import { SignIn } from './client/sign_in';
import { makeUuid7Source } from './model/uuid7';
import { people, type Person } from './people';
import { el } from './ui/dom';
import { header } from './ui/header';
import { Pane } from './ui/pane';
import { Tabs } from './ui/tabs';

const defaultConversation = 'conv-123';

export class App {
  readonly #base = new URL('.', document.baseURI);
  readonly #newId = makeUuid7Source(Date.now, (bytes) => crypto.getRandomValues(bytes));
  readonly #main = el('main', { class: 'panes' });
  readonly #header = header((conversationId) => this.#navigate(conversationId));
  readonly #tabs = new Tabs(people, (personId) => this.#showPane(personId));
  readonly #signIns = new Map<string, SignIn>();
  #panes: Pane[] = [];
  #conversationId = '';

  constructor(root: HTMLElement) {
    root.replaceChildren(this.#header.element, this.#tabs.element, this.#main);
    window.addEventListener('popstate', () => this.#open(conversationInAddress()));
    window.addEventListener('online', () => this.#panes.forEach((pane) => pane.session.tryNow()));
    this.#open(conversationInAddress());
  }

  #navigate(conversationId: string): void {
    if (conversationId === this.#conversationId) return;
    const address = new URL(location.href);
    address.searchParams.set('conversation', conversationId);
    history.pushState(null, '', address);
    this.#open(conversationId);
  }

  #open(conversationId: string): void {
    this.#conversationId = conversationId;
    this.#header.show(conversationId);
    document.title = `${conversationId} · message-service`;
    this.#panes.forEach((pane) => pane.dispose());
    this.#panes = people.map((person) => this.#makePane(person, conversationId));
    this.#main.append(...this.#panes.map((pane) => pane.element));
    this.#showPane(this.#tabs.current);
  }

  #makePane(person: Person, conversationId: string): Pane {
    const hubUrl = new URL('hubs/messages', this.#base).href;
    const signIn = this.#signIn(person);
    const api = new Api(this.#base, signIn);
    const token = (): Promise<string> => signIn.token();
    const session = new ChatSession({ person, conversationId, api, hubUrl, token, newId: this.#newId });
    return new Pane(session, {
      createConversation: () => void this.#create(conversationId),
      heard: () => this.#tabs.countUnread(person.id),
    });
  }

  #signIn(person: Person): SignIn {
    let signIn = this.#signIns.get(person.id);
    if (!signIn) this.#signIns.set(person.id, (signIn = new SignIn(this.#base, person)));
    return signIn;
  }

  #showPane(personId: string): void {
    for (const pane of this.#panes) pane.element.classList.toggle('is-current', pane.session.person.id === personId);
  }

  async #create(conversationId: string): Promise<void> {
    const participants = people.map(({ id, type }) => ({ id, type }));
    const outcome = await new Api(this.#base, this.#signIn(people[0]!)).create(conversationId, participants);
    if (conversationId !== this.#conversationId) return;
    for (const pane of this.#panes) {
      pane.showCreateProblem(outcome.kind === 'failed' ? outcome.text : undefined);
      if (outcome.kind === 'created') pane.session.tryNow();
    }
  }
}

function conversationInAddress(): string {
  return new URLSearchParams(location.search).get('conversation')?.trim() || defaultConversation;
}
