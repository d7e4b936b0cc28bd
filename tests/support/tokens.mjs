// JSON Web Tokens by Node's own cryptography, and an identity provider that a test can make slow, silent or wrong.
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign as signBytes } from "node:crypto";
import http from "node:http";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);

const signers = {
  HS256: (input, key) => createHmac("sha256", key).update(input).digest(),
  RS256: (input, key) => signBytes("sha256", Buffer.from(input), key),
  RS384: (input, key) => signBytes("sha384", Buffer.from(input), key),
  RS512: (input, key) => signBytes("sha512", Buffer.from(input), key),
  PS256: (input, key) => signBytes("sha256", Buffer.from(input), { key, padding: 6, saltLength: 32 }),
  ES256: (input, key) => signBytes("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }),
  ES384: (input, key) => signBytes("sha384", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }),
  EdDSA: (input, key) => signBytes(null, Buffer.from(input), key),
};

/** A token of any header and claims, signed as `algorithm` says with `key`. */
export function forge(header, claims, algorithm, key) {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${(signers[algorithm]?.(input, key) ?? Buffer.alloc(0)).toString("base64url")}`;
}

/** A key: `{id, algorithm, secret, jwk, token(claims)}`; `jwk` is what the issuer publishes. */
export function makeKey(algorithm = "HS256", id = randomBytes(6).toString("hex")) {
  const kinds = {
    HS256: () => randomBytes(32),
    RS: () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
    ES384: () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
    EdDSA: () => generateKeyPairSync("ed25519").privateKey,
  };
  const secret = (kinds[algorithm] ?? kinds.RS)();
  const shape = algorithm === "HS256" ? { kty: "oct", k: secret.toString("base64url") } : createPublicKey(secret).export({ format: "jwk" });
  return { id, algorithm, secret, jwk: { ...shape, kid: id, alg: algorithm, use: "sig" } };
}

export class Issuer {
  constructor({ issuer = "https://issuer.example", audience = "messages", keys = [makeKey()] } = {}) {
    Object.assign(this, { issuer, audience, keys });
  }

  /** A valid token, but for what `claims` changes; null takes a claim away. */
  token(claims = {}, { key = this.keys[0], header = {} } = {}) {
    const all = { iss: this.issuer, aud: this.audience, iat: now(), exp: now() + 3600, ...claims };
    for (const [name, value] of Object.entries(all)) if (value === null) delete all[name];
    return forge({ alg: key.algorithm, typ: "JWT", kid: key.id, ...header }, all, key.algorithm, key.secret);
  }

  person(sub, more = {}) {
    return this.token({ sub, senderType: sub.startsWith("teacher") ? "Teacher" : "Parent", ...more });
  }

  program(scope, more = {}) {
    return this.token({ sub: "back-end", scope, ...more });
  }

  /** Settings of a service that takes these tokens by keys that both share. */
  settings(more = {}) {
    const bearer = "Authentication:Schemes:Bearer:";
    const shared = Object.fromEntries(this.keys.flatMap(({ id, secret }, at) => [
      [`${bearer}SigningKeys:${at}:Id`, id],
      [`${bearer}SigningKeys:${at}:Value`, secret.toString("base64")],
    ]));
    return { "Auth:Mode": "Jwt", [`${bearer}ValidIssuer`]: this.issuer, [`${bearer}ValidAudience`]: this.audience, ...shared, ...more };
  }
}

/** Serves metadata and keys. `answer` may be replaced: `(request, response) => …`; `asked` counts the requests for keys. */
export async function startProvider(t, keys) {
  const provider = { keys, asked: 0, answer: null };
  const server = http.createServer((request, response) => {
    if (request.url === "/jwks") provider.asked += 1;
    if (provider.answer) return provider.answer(request, response);
    const body = request.url === "/jwks" ? { keys: provider.keys.map(({ jwk }) => jwk) } : { issuer: provider.url, jwks_uri: `${provider.url}/jwks` };
    response.setHeader("Content-Type", "application/json");
    return response.end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => { server.closeAllConnections(); server.close(); });
  provider.url = `http://127.0.0.1:${server.address().port}`;
  return provider;
}

export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});
