// Relay: its compiler over the schema, and its runtime without React against the gateway.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import relay from 'relay-runtime';
import { startGateway } from './gateway.js';
import { fill, webhookCount } from './sample.js';
import { listenForWarnings, recordedFetch } from './wire.js';

const { Environment, Network, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery, getSingularSelector } = relay;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

let gateway, sample, compiled, journey;
before(async () => {
  // The compiler takes a schema by its extension, and artifacts into an existing folder.
  rmSync(path('relay/__generated__'), { recursive: true, force: true });
  mkdirSync(path('relay/__generated__'));
  copyFileSync(path('../schema.graphqls'), path('relay/schema.graphql'));
  const compiler = path('node_modules/relay-compiler/cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '--noWatchman', path('relay.config.json')], { encoding: 'utf8' });
  compiled = stdout + stderr;
  assert.equal(status, 0, compiled);
  journey = createRequire(import.meta.url)('./relay/journey.js');
  gateway = await startGateway();
  sample = await fill(gateway);
});
after(() => gateway?.stop());

function connect() {
  const recorded = recordedFetch();
  const network = Network.create(async ({ name, text }, variables) => {
    const answer = await recorded(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ operationName: name, query: text, variables }),
    });
    return answer.json();
  });
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return { environment, requests: recorded.requests };
}

/** Fetches a query, keeps it in the store and returns what a component would get. */
async function open(environment, query, variables) {
  const operation = createOperationDescriptor(query, variables);
  environment.retain(operation);
  await fetchQuery(environment, query, variables).toPromise();
  return () => environment.lookup(operation.fragment).data;
}

function read(environment, fragment, ref) {
  const { data, isMissingData } = environment.lookup(getSingularSelector(fragment, ref));
  assert.equal(isMissingData, false);
  return data;
}

function mutate(environment, mutation, variables) {
  return new Promise((resolve, reject) =>
    commitMutation(environment, { mutation, variables, onCompleted: (data, errors) => resolve({ ...data, errors }), onError: reject }),
  );
}

/** Opens the list and reads all its pages by the query that the compiler made of the fragment. */
async function openList(environment, count, pages = Infinity) {
  const root = await open(environment, journey.listQuery, { count });
  const list = () => read(environment, journey.list, root()).webhooks;
  const { operation } = journey.list.metadata.refetch;
  while (--pages > 0 && list().pageInfo.hasNextPage) {
    await fetchQuery(environment, operation, { count, cursor: list().pageInfo.endCursor }).toPromise();
  }
  return list;
}
const ids = (list) => list().edges.map((edge) => edge.node.id);

test('the compiler has nothing to say against the schema', () => {
  assert.match(compiled, /Compilation completed/);
  assert.doesNotMatch(compiled, /warn|error/i);
});

test('a pagination fragment reads the list to its end, each object once', async (t) => {
  const warnings = listenForWarnings(t);
  const { environment, requests } = connect();
  const list = await openList(environment, 7);
  assert.deepEqual(ids(list), sample.webhooks);
  assert.equal(list().totalCount, webhookCount);
  assert.deepEqual(
    requests.map((request) => request.operation),
    ['journeyListQuery', ...Array(Math.ceil(webhookCount / 7) - 1).fill('journeyListPageQuery')],
  );
  const { name, subscriptions } = read(environment, journey.card, list().edges[0].node);
  assert.equal(name, 'hook 23');
  assert.deepEqual(subscriptions.map((s) => s.pattern), ['order.created', 'invoice.*']);
  assert.deepEqual(warnings, []);
});

test('the webhooks of a client are paged by its id', async (t) => {
  const warnings = listenForWarnings(t);
  const { environment, requests } = connect();
  const id = sample.clients[0];
  const root = await open(environment, journey.clientQuery, { id });
  const client = () => read(environment, journey.ofClient, root().client);
  const { operation } = journey.ofClient.metadata.refetch;
  while (client().webhooks.pageInfo.hasNextPage) {
    await fetchQuery(environment, operation, { id, count: 2, cursor: client().webhooks.pageInfo.endCursor }).toPromise();
  }
  assert.equal(client().name, 'Loom');
  assert.equal(new Set(client().webhooks.edges.map((edge) => edge.node.id)).size, webhookCount / 4);
  assert.equal(requests.length, 3);
  assert.deepEqual(warnings, []);
});

test('user errors are shown and nothing changes', async () => {
  const { environment } = connect();
  const id = sample.webhooks[0];
  const root = await open(environment, journey.nodeQuery, { id });
  const kept = read(environment, journey.card, root().node.card);
  const { updateWebhook } = await mutate(environment, journey.update, { input: { id, url: 'https://user:pass@receiver.example/' } });
  assert.equal(updateWebhook.webhook, null);
  assert.deepEqual(updateWebhook.userErrors.map(({ code, field }) => ({ code, field })), [{ code: 'INVALID', field: ['url'] }]);
  await fetchQuery(environment, journey.nodeQuery, { id }, { networkCacheConfig: { force: true } }).toPromise();
  assert.deepEqual(read(environment, journey.card, root().node.card), kept);
});

test('an update is seen in the store', async (t) => {
  const warnings = listenForWarnings(t);
  const { environment, requests } = connect();
  const list = await openList(environment, 3, 1);
  const { node } = list().edges[1];
  const seen = [];
  const selector = getSingularSelector(journey.card, node);
  const watched = environment.subscribe(environment.lookup(selector), ({ data }) => seen.push([data.name, data.enabled]));
  await mutate(environment, journey.update, { input: { id: node.id, name: 'renamed', enabled: false } });
  watched.dispose();
  assert.deepEqual(seen, [['renamed', false]]);
  assert.equal(requests.length, 2);
  assert.deepEqual(warnings, []);
});

test('a created webhook is put before the list, a deleted one leaves it', async (t) => {
  const warnings = listenForWarnings(t);
  const { environment, requests } = connect();
  const list = await openList(environment, 4, 1);
  const connections = [list().__id];
  const input = { dialect: 'STANDARD', owner: { album: sample.album }, url: 'https://receiver.example/new', subscriptions: [{ pattern: '*' }] };
  const { createWebhook } = await mutate(environment, journey.create, { input, connections });
  assert.deepEqual(createWebhook.userErrors, []);
  assert.match(createWebhook.secret, /^whsec_/);
  const { id } = createWebhook.webhook;
  assert.deepEqual(ids(list), [id, ...sample.webhooks.slice(0, 4)]);
  assert.deepEqual(read(environment, journey.card, list().edges[0].node).owner.modalities, ['MR']);
  const { deleteWebhook } = await mutate(environment, journey.remove, { input: { id }, connections });
  assert.equal(deleteWebhook.deletedWebhookId, id);
  assert.deepEqual(ids(list), sample.webhooks.slice(0, 4));
  assert.equal(requests.length, 3);
  assert.deepEqual(warnings, []);
});

test('a mutation of what does not exist is an error with a code', async () => {
  const { environment } = connect();
  const { updateWebhook, errors } = await mutate(environment, journey.update, { input: { id: 'Webhook:no-such', name: 'x' } });
  assert.equal(updateWebhook, null);
  assert.deepEqual(errors.map((error) => error.extensions.code), ['NOT_FOUND']);
});
