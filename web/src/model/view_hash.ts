// The hashes by which this page says what it shows: docs/verify.md defines them, src/model/view_hash.h is the same in C++.

export const viewHashVersion = 1;

/** Two lanes of 32 bits. */
export interface HashLanes {
  readonly first: number;
  readonly second: number;
}

const firstFactor = 0x9e3779b1;
const secondFactor = 0x85ebca77;
const endOfText = 0xff; // no byte of UTF-8
const encoder = new TextEncoder();

/** 16 lower-case hexadecimal digits, the first lane first. */
export function hashText({ first, second }: HashLanes): string {
  return [first, second].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Of one message, without its sequence. */
export function hashOfMessage(id: string, senderId: string, content: string): HashLanes {
  let first = 0x243f6a88;
  let second = 0x85a308d3;
  const absorb = (byte: number): void => {
    first = Math.imul(first ^ byte, firstFactor);
    second = rotated(Math.imul(second ^ byte, secondFactor), 13);
  };
  for (const text of [id, senderId, content]) {
    encoder.encode(text).forEach(absorb);
    absorb(endOfText);
  }
  return spreadLanes(first, second);
}

/** Of the messages of a view, in the order in which it shows them. */
export class ViewHash {
  #first = 0x13198a2e;
  #second = 0x03707344;
  #sumFirst = 0;
  #sumSecond = 0;

  add(sequence: number, message: HashLanes): void {
    this.#sumFirst = (this.#sumFirst + message.first) | 0;
    this.#sumSecond = (this.#sumSecond + message.second) | 0;
    for (const word of [sequence | 0, Math.floor(sequence / 2 ** 32), message.first, message.second]) {
      this.#first = Math.imul(rotated(this.#first, 5) ^ word, firstFactor);
      this.#second = Math.imul(rotated(this.#second, 7) ^ word, secondFactor);
    }
  }

  /** Depends on the order and on the sequences. */
  get rolling(): string {
    return hashText(spreadLanes(this.#first, this.#second));
  }
  /** Depends on neither. */
  get sum(): string {
    return hashText({ first: this.#sumFirst, second: this.#sumSecond });
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function spread(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}

function spreadLanes(first: number, second: number): HashLanes {
  const spreadFirst = spread(first);
  return { first: spreadFirst, second: spread(second ^ spreadFirst) };
}
