// Code generation from the schema file and from the running gateway; the result checked by a program.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generate } from '@graphql-codegen/cli';
import { buildClientSchema, getIntrospectionQuery, isObjectType } from 'graphql';
import { adminKey, startGateway } from './gateway.js';
import { fill } from './sample.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

let gateway, sample;
before(async () => {
  gateway = await startGateway();
  sample = await fill(gateway);
});
after(() => gateway?.stop());

function generateFrom(schema) {
  return generate(
    {
      schema,
      documents: path('typed/program.ts'),
      silent: true,
      errorsOnly: true,
      generates: {
        [path('typed/__generated__/graphql/')]: {
          preset: 'client',
          presetConfig: { fragmentMasking: false },
          config: {
            documentMode: 'string',
            strictScalars: true,
            useTypeImports: true,
            enumsAsTypes: true,
            emitLegacyCommonJSImports: false,
            importExtension: '.js',
            scalars: { DateTime: 'string', URL: 'string', JSON: 'unknown', Permission: 'string' },
          },
        },
      },
    },
    false,
  );
}

test('the file and the running gateway give the same code, which checks and runs', async () => {
  const fromFile = await generateFrom(path('../schema.graphqls'));
  const fromGateway = await generateFrom({
    [gateway.url]: { headers: { authorization: `Bearer ${adminKey}` }, oneOf: true, specifiedByUrl: true },
  });
  assert.ok(fromFile.length > 0);
  assert.deepEqual(fromGateway, fromFile);

  rmSync(path('typed/__generated__'), { recursive: true, force: true });
  for (const { filename, content } of fromFile) {
    mkdirSync(dirname(filename), { recursive: true });
    writeFileSync(filename, content);
  }
  try {
    execFileSync(process.execPath, [path('node_modules/typescript/bin/tsc'), '--project', path('typed')], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }

  const program = await import(path('typed/__generated__/js/program.js'));
  const access = { url: gateway.url, key: adminKey };
  assert.deepEqual(await program.names(access, { album: sample.album }, 4), ['hook 22', 'hook 18', 'hook 14', 'hook 10', 'hook 6', 'hook 2']);
  const made = await program.createWebhook(access, {
    dialect: 'STANDARD', owner: { album: sample.album }, url: 'https://receiver.example/typed', subscriptions: [{ pattern: '*' }],
  });
  assert.equal(made.owner, 'MR');
  assert.ok(Math.abs(Date.now() - made.since) < 600_000);
  const refused = await program.createWebhook(access, { dialect: 'ENTRUST', owner: { account: true }, url: 'http://receiver.example/' });
  assert.deepEqual(refused, { mistakes: ['url INVALID'] });
});

test('what has an id is a node', async () => {
  // Caches keep an object with an id once for its type and that id, Relay's for the id alone.
  const schema = buildClientSchema((await gateway.query(getIntrospectionQuery())).data);
  const names = (types) => types.map((type) => type.name).toSorted();
  const withId = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && type.getFields().id);
  assert.deepEqual(names(withId), names(schema.getPossibleTypes(schema.getType('Node'))));
});
