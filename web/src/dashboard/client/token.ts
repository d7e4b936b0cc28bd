// The operator's bearer token. It lives as long as this tab, and no longer: sessionStorage, and nothing else.

const storageKey = 'message-service.operator-token';

export class OperatorToken {
  #token: string;

  constructor() {
    this.#token = takeFromAddress() ?? read();
    write(this.#token);
  }

  get value(): string {
    return this.#token;
  }

  set(token: string): void {
    this.#token = token;
    write(token);
  }
}

/** `#token=…`, as ./run prints it: a fragment is sent to nobody, and it leaves the address at once. */
function takeFromAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

function read(): string {
  try {
    return sessionStorage.getItem(storageKey) ?? '';
  } catch {
    return ''; // storage can be switched off; the token then lasts until the page is loaded again
  }
}

function write(token: string): void {
  try {
    if (token) sessionStorage.setItem(storageKey, token);
    else sessionStorage.removeItem(storageKey);
  } catch {
    // as above
  }
}
