// node compress.mjs FILE OUT   writes OUT.br and OUT.gz, as small as can be: it is done once for each build.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [file, out] = process.argv.slice(2);
const bytes = readFileSync(file);
mkdirSync(dirname(out), { recursive: true });
const brotli = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
writeFileSync(`${out}.br`, brotliCompressSync(bytes, { params: brotli }));
writeFileSync(`${out}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
