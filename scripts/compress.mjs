// node scripts/compress.mjs DIR: puts x.br and x.gz beside every file x that gets smaller by it, so that
// the server compresses nothing. index.html stays plain: each of its answers differs.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2];
for (const name of readdirSync(folder, { recursive: true })) {
  if (!/\.(js|css|svg|json|webmanifest|txt|ico)$/.test(name)) continue;
  const path = join(folder, name);
  const plain = readFileSync(path);
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  const gzip = gzipSync(plain, { level: 9 });
  if (brotli.length < plain.length * 0.95) writeFileSync(path + ".br", brotli);
  if (gzip.length < plain.length * 0.95) writeFileSync(path + ".gz", gzip);
}
