// Writes the libraries of libraries.json, which npm ci has fetched, into assets/,
// compressed. A file that is not the pinned one, byte for byte, ends it before
// anything is written.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, 'assets');

const files = JSON.parse(readFileSync(join(here, 'libraries.json'), 'utf8')).map((library) => {
  const source = join('node_modules', library.package, library.file);
  const body = readFileSync(join(here, source));
  const integrity = 'sha256-' + createHash('sha256').update(body).digest('base64');
  if (integrity !== library.integrity) {
    throw new Error(`web/${source} is ${integrity}, libraries.json wants ${library.integrity}`);
  }
  return { name: `${library.package}-${library.version}${extname(library.file)}.gz`, body: gzipSync(body, { level: 9 }) };
});

mkdirSync(folder, { recursive: true });
for (const { name, body } of files) {
  writeFileSync(join(folder, name + '.new'), body);
  renameSync(join(folder, name + '.new'), join(folder, name));
}
// Those of other versions.
for (const name of readdirSync(folder)) {
  if (/\.gz(\.new)?$/.test(name) && !files.some((file) => file.name === name)) rmSync(join(folder, name));
}
