import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ViewHash, hashOfMessage } from '../src/model/view_hash';

interface Vector {
  readonly name: string;
  readonly messages: readonly { readonly sequence: number; readonly id: string; readonly senderId: string; readonly content: string }[];
  readonly hash: string;
  readonly sum: string;
}

// The service's own test reads the same file.
const vectors = JSON.parse(readFileSync('../tests/verify/view_hash_vectors.json', 'utf8')) as Vector[];

for (const { name, messages, hash, sum } of vectors) {
  test(`the hashes of the shared vector: ${name}`, () => {
    const view = new ViewHash();
    for (const { sequence, id, senderId, content } of messages) view.add(sequence, hashOfMessage(id, senderId, content));
    assert.equal(view.rolling, hash);
    assert.equal(view.sum, sum);
  });
}
