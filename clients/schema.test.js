// Clients are written against the schema that was published last. A change that breaks them is named
// here. Where it is meant, `npm run publish-schema` makes the new schema the published one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const read = (path) => buildSchema(readFileSync(new URL(path, import.meta.url), 'utf8'));
const describe = (changes) => changes.map((c) => `${c.type}: ${c.description}`);

test('the schema breaks no client of the published one', (t) => {
  const published = read('published/schema.graphqls');
  const current = read('../schema.graphqls');
  for (const change of describe(findDangerousChanges(published, current))) t.diagnostic(`dangerous: ${change}`);
  assert.deepEqual(describe(findBreakingChanges(published, current)), []);
});

test('a change that breaks clients is named', () => {
  const before = buildSchema('type Query { a(b: Int): String c: Int }');
  const after = buildSchema('type Query { a(b: Int!): Int }');
  assert.deepEqual(describe(findBreakingChanges(before, after)).sort(), [
    'ARG_CHANGED_KIND: Query.a arg b has changed type from Int to Int!.',
    'FIELD_CHANGED_KIND: Query.a changed type from String to Int.',
    'FIELD_REMOVED: Query.c was removed.',
  ]);
});
