// Certificates for tests, made by openssl: an authority of the test's own, and what it signs.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const openssl = (...args) => execFileSync("openssl", args, { stdio: "ignore" });
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** An authority whose files lie in `folder`: `{certificate, sign(name, addresses)}`. */
export function makeAuthority(folder, name) {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  openssl("req", "-x509", ...newKey, "-days", "2", "-subj", `/CN=${name}`, "-keyout", key, "-out", certificate);
  return {
    certificate,
    /** Signs a certificate for "IP:127.0.0.1", "DNS:localhost" or both, with a comma between: `{certificate, key}`. */
    sign(subject, addresses) {
      const [own, request, extensions, signed] = ["key", "csr", "ext", "pem"].map((kind) => join(folder, `${subject}.${kind}`));
      openssl("req", "-new", ...newKey, "-subj", `/CN=${subject}`, "-keyout", own, "-out", request);
      writeFileSync(extensions, `subjectAltName=${addresses}\n`);
      openssl("x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key, "-CAcreateserial", "-days", "2",
        "-extfile", extensions, "-out", signed);
      return { certificate: signed, key: own };
    },
  };
}
