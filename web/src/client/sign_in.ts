// One person's bearer token, from a service that signs people in for development (Auth:DevelopmentKeyFile). It is asked for
// once the service has answered 401: a service without sign-in is never asked.

import { asObject, textOf } from '../model/message';
import type { Person } from '../people';

/** Where a caller's bearer token comes from. Empty: there is none. */
export interface TokenSource {
  token(): Promise<string>;
  /** The present token was refused, or a first one is needed. */
  renew(): Promise<string>;
}

export const withoutToken: TokenSource = { token: () => Promise.resolve(''), renew: () => Promise.resolve('') };

const renewBeforeMs = 60_000;

export class SignIn implements TokenSource {
  readonly #url: URL;
  readonly #person: Person;
  #token: Promise<string> = Promise.resolve('');
  #goodUntilMs = Number.POSITIVE_INFINITY;

  constructor(base: URL, person: Person) {
    this.#url = new URL('development/tokens', base);
    this.#person = person;
  }

  token(): Promise<string> {
    return Date.now() < this.#goodUntilMs ? this.#token : this.renew();
  }

  renew(): Promise<string> {
    this.#goodUntilMs = Number.POSITIVE_INFINITY; // callers meanwhile wait for the same answer
    this.#token = this.#ask();
    return this.#token;
  }

  async #ask(): Promise<string> {
    try {
      const { id, type } = this.#person;
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ sub: id, senderType: type }),
      });
      if (!response.ok) return ''; // somebody else signs people in here, and this page cannot ask them
      const body = asObject(await response.json());
      const seconds = body?.['expiresIn'];
      this.#goodUntilMs = Date.now() + (typeof seconds === 'number' ? seconds * 1000 : 0) - renewBeforeMs;
      return textOf(body, 'token') ?? '';
    } catch {
      return '';
    }
  }
}
