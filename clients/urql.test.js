// urql with its normalised cache that knows the schema, as a front end uses it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { buildClientSchema, getIntrospectionQuery, isObjectType } from 'graphql';
import { startGateway } from './gateway.js';
import { fill, webhookCount } from './sample.js';
import { recordedFetch } from './wire.js';

let gateway, sample, schema, keys;
before(async () => {
  gateway = await startGateway();
  sample = await fill(gateway);
  schema = (await gateway.query(getIntrospectionQuery({ descriptions: false }))).data;
  // What has no id is a part of the object above it.
  const parts = Object.values(buildClientSchema(schema).getTypeMap())
    .filter((type) => isObjectType(type) && !type.getFields().id)
    .filter((type) => !['Query', 'Mutation'].includes(type.name));
  keys = Object.fromEntries(parts.map((type) => [type.name, () => null]));
});
after(() => gateway?.stop());

function connect(key) {
  const fetch = recordedFetch(key);
  const warnings = [];
  const lists = (cache) =>
    cache.inspectFields('Query').filter((field) => field.fieldName === 'webhooks').forEach((field) => cache.invalidate('Query', field.fieldKey));
  const cache = cacheExchange({
    schema,
    keys,
    resolvers: { Query: { webhooks: relayPagination() } },
    updates: {
      Mutation: {
        createWebhook: (result, _, cache) => result.createWebhook?.webhook && lists(cache),
        deleteWebhook: (result, _, cache) => {
          const id = result.deleteWebhook?.deletedWebhookId;
          if (id) cache.invalidate({ __typename: 'Webhook', id });
        },
      },
    },
    logger: (severity, message) => severity !== 'debug' && warnings.push(`${severity}: ${message}`),
  });
  const client = new Client({ url: gateway.url, fetch, exchanges: [cache, fetchExchange] });
  return { client, warnings, requests: fetch.requests };
}

const card = gql`
  fragment Card on Webhook {
    id
    name
    url
    enabled
    version
    subscriptions { key pattern }
    owner { __typename ... on Node { id } ... on Client { member { id fullName } } }
  }
`;
const page = gql`
  query Page($first: Int!, $after: String, $filter: WebhookFilterInput) {
    webhooks(first: $first, after: $after, filter: $filter) {
      edges { cursor node { ...Card } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
  ${card}
`;
const webhookById = gql`query ById($id: ID!) { node(id: $id) { ...Card } } ${card}`;
const update = gql`
  mutation Update($input: UpdateWebhookInput!) {
    updateWebhook(input: $input) { webhook { ...Card } userErrors { code field message } }
  }
  ${card}
`;
const ids = (result) => result.data.webhooks.edges.map((edge) => edge.node.id);

/** Keeps the results of a query; `until` resolves with the first one, past or to come, that fits. */
function watch(client, query, variables) {
  const results = [];
  const waiting = [];
  const { unsubscribe } = client.query(query, variables).subscribe((result) => {
    results.push(result);
    for (const { fits, resolve } of waiting) if (fits(result)) resolve(result);
  });
  const until = (fits) => {
    const seen = results.find(fits);
    return seen ? Promise.resolve(seen) : new Promise((resolve) => waiting.push({ fits, resolve }));
  };
  return { results, until, unsubscribe };
}

test('pages join to one list, each object once', async () => {
  const { client, requests, warnings } = connect();
  let result = await client.query(page, { first: 7 }).toPromise();
  while (result.data.webhooks.pageInfo.hasNextPage) {
    result = await client.query(page, { first: 7, after: result.data.webhooks.pageInfo.endCursor }).toPromise();
    assert.equal(result.error, undefined);
  }
  assert.deepEqual(ids(result), sample.webhooks);
  assert.equal(requests.length, Math.ceil(webhookCount / 7));
  const owners = new Set(result.data.webhooks.edges.map(({ node }) => node.owner?.__typename));
  assert.deepEqual(owners, new Set(['Client', 'Album', undefined]));
  // A smaller part of what is known needs no request.
  const known = await client.query(webhookById, { id: sample.webhooks[9] }).toPromise();
  assert.equal(known.data.node.id, sample.webhooks[9]);
  assert.deepEqual(warnings, []);
});

test('user errors are shown and nothing changes', async () => {
  const { client, warnings } = connect();
  const id = sample.webhooks[0];
  const kept = await client.query(webhookById, { id }).toPromise();
  const { data, error } = await client.mutation(update, { input: { id, url: 'receiver' } }).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.updateWebhook.webhook, null);
  assert.deepEqual(data.updateWebhook.userErrors.map(({ code, field }) => ({ code, field: [...field] })), [{ code: 'INVALID', field: ['url'] }]);
  const again = await client.query(webhookById, { id }, { requestPolicy: 'network-only' }).toPromise();
  assert.deepEqual(again.data, kept.data);
  assert.deepEqual(warnings, []);
});

test('an update is seen by a watched list without a refetch', async () => {
  const { client, requests, warnings } = connect();
  const id = sample.webhooks[1];
  const list = watch(client, page, { first: 5 });
  await list.until((result) => result.data);
  await client.mutation(update, { input: { id, name: 'renamed', enabled: false } }).toPromise();
  const node = (result) => result.data.webhooks.edges.find((edge) => edge.node.id === id).node;
  const changed = await list.until((result) => node(result).name === 'renamed');
  assert.equal(node(changed).enabled, false);
  assert.equal(node(changed).version, node(list.results[0]).version + 1);
  assert.deepEqual(requests.map((request) => request.operation), ['Page', 'Update']);
  list.unsubscribe();
  assert.deepEqual(warnings, []);
});

test('a created webhook comes first after invalidation of the lists', async () => {
  const { client, warnings } = connect();
  const list = watch(client, page, { first: 2 });
  await list.until((result) => result.data);
  const { data } = await client.mutation(
    gql`mutation Create($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { ...Card } secret userErrors { message } } } ${card}`,
    { input: { dialect: 'STANDARD', owner: { client: sample.clients[0] }, url: 'https://receiver.example/new', subscriptions: [] } },
  ).toPromise();
  const { id } = data.createWebhook.webhook;
  assert.match(data.createWebhook.secret, /^whsec_/);
  sample.webhooks.unshift(id);
  await list.until((result) => result.data && ids(result)[0] === id);
  list.unsubscribe();
  assert.deepEqual(warnings, []);
});

test('a deleted webhook leaves the lists by invalidation', async () => {
  const { client, requests, warnings } = connect();
  const list = watch(client, page, { first: 3 });
  await list.until((result) => result.data);
  const id = sample.webhooks.shift();
  await client.mutation(
    gql`mutation Delete($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { deletedWebhookId userErrors { message } } }`,
    { input: { id } },
  ).toPromise();
  const left = await list.until((result) => result.data?.webhooks && !ids(result).includes(id) && !result.stale);
  assert.deepEqual(ids(left), sample.webhooks.slice(0, 3));
  assert.deepEqual(requests.map((request) => request.operation), ['Page', 'Delete', 'Page']);
  const gone = await client.query(webhookById, { id }).toPromise();
  assert.equal(gone.data.node, null);
  list.unsubscribe();
  assert.deepEqual(warnings, []);
});

test('a bad key is an error with the code UNAUTHENTICATED', async () => {
  const { client } = connect('not-a-key');
  const { error } = await client.query(page, { first: 1 }).toPromise();
  assert.deepEqual(error.graphQLErrors.map((e) => e.extensions.code), ['UNAUTHENTICATED']);
});
