// Apollo Client with its normalised cache, as a front end uses it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { ErrorLink } from '@apollo/client/link/error';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { startGateway } from './gateway.js';
import { fill, webhookCount } from './sample.js';
import { listenForWarnings, recordedFetch } from './wire.js';

let gateway, sample, possibleTypes;
before(async () => {
  gateway = await startGateway();
  sample = await fill(gateway);
  const { data } = await gateway.query('{ __schema { types { name possibleTypes { name } } } }');
  possibleTypes = Object.fromEntries(
    data.__schema.types.filter((t) => t.possibleTypes).map((t) => [t.name, t.possibleTypes.map((p) => p.name)]),
  );
});
after(() => gateway?.stop());

function connect({ key, links = [] } = {}) {
  const fetch = recordedFetch(key);
  const cache = new InMemoryCache({
    possibleTypes,
    typePolicies: {
      Query: { fields: { webhooks: relayStylePagination(['filter', 'orderBy']) } },
      Client: { fields: { webhooks: relayStylePagination(['orderBy']) } },
    },
  });
  const link = ApolloLink.from([...links, new HttpLink({ uri: gateway.url, fetch })]);
  return { client: new ApolloClient({ cache, link }), cache, requests: fetch.requests };
}

const card = gql`
  fragment Card on Webhook {
    id
    name
    url
    enabled
    active
    version
    subscriptions { key pattern }
    ownerKind
    owner { ... on Node { id } ... on Client { identifier } ... on Album { modalities } }
  }
`;
const page = gql`
  query Page($first: Int!, $after: String, $filter: WebhookFilterInput) {
    webhooks(first: $first, after: $after, filter: $filter) {
      edges { cursor node { ...Card } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
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
const nodes = (result) => result.data.webhooks.edges.map((edge) => edge.node);

test('the cache knows what an interface and a union may be', () => {
  assert.deepEqual(possibleTypes.Owner.toSorted(), ['Album', 'Client']);
  assert.ok(possibleTypes.Node.includes('Webhook'));
});

test('a paged list is read to its end, each object once', async (t) => {
  const warnings = listenForWarnings(t);
  const { client, cache, requests } = connect();
  const list = client.watchQuery({ query: page, variables: { first: 7 } });
  await list.reobserve();
  let info = list.getCurrentResult().data.webhooks.pageInfo;
  while (info.hasNextPage) {
    await list.fetchMore({ variables: { after: info.endCursor } });
    info = list.getCurrentResult().data.webhooks.pageInfo;
  }
  const result = list.getCurrentResult();
  assert.deepEqual(nodes(result).map((node) => node.id), sample.webhooks);
  assert.equal(result.data.webhooks.totalCount, webhookCount);
  assert.equal(requests.length, Math.ceil(webhookCount / 7));
  const cached = Object.keys(cache.extract());
  assert.equal(cached.filter((key) => key.startsWith('Webhook:')).length, webhookCount);
  assert.ok(cached.includes(`Client:${sample.clients[0]}`) && cached.includes(`Album:${sample.album}`));
  assert.deepEqual(warnings, []);
});

test('lists with different filters stay apart', async () => {
  const { client } = connect();
  const of = (owner) => client.query({ query: page, variables: { first: 20, filter: { owner } } });
  const first = await of({ client: sample.clients[0] });
  const second = await of({ album: sample.album });
  assert.equal(nodes(first).length, webhookCount / 4);
  assert.deepEqual(nodes(second).map((node) => node.owner.id), Array(webhookCount / 4).fill(sample.album));
  assert.deepEqual(second.data.webhooks.edges[0].node.owner.modalities, ['MR']);
});

test('user errors are shown and nothing changes', async () => {
  const { client, cache } = connect();
  const id = sample.webhooks[0];
  const kept = await client.query({ query: webhookById, variables: { id } });
  const { data, error } = await client.mutate({ mutation: update, variables: { input: { id, url: 'ftp://receiver.example/' } } });
  assert.equal(error, undefined);
  assert.equal(data.updateWebhook.webhook, null);
  const [mistake] = data.updateWebhook.userErrors;
  assert.equal(mistake.code, 'INVALID');
  assert.deepEqual(mistake.field, ['url']);
  assert.ok(mistake.message);
  assert.deepEqual(cache.readQuery({ query: webhookById, variables: { id } }), kept.data);
  const again = await client.query({ query: webhookById, variables: { id }, fetchPolicy: 'network-only' });
  assert.deepEqual(again.data, kept.data);
});

test('an update is seen by a watched query without a refetch', async () => {
  const { client, requests } = connect();
  const id = sample.webhooks[2];
  const list = client.watchQuery({ query: page, variables: { first: 5 } });
  const seen = [];
  const subscription = list.subscribe((result) => result.data && seen.push(nodes(result).find((node) => node.id === id)));
  await list.reobserve();
  await client.mutate({ mutation: update, variables: { input: { id, name: 'renamed' } } });
  await client.mutate({
    mutation: gql`mutation Off($input: DisableWebhookInput!) {
      disableWebhook(input: $input) { webhook { id enabled active version } userErrors { message } }
    }`,
    variables: { input: { id } },
  });
  subscription.unsubscribe();
  assert.deepEqual(
    seen.map(({ name, enabled, active }) => ({ name, enabled, active })),
    [
      { name: 'hook 21', enabled: true, active: true },
      { name: 'renamed', enabled: true, active: true },
      { name: 'renamed', enabled: false, active: false },
    ],
  );
  assert.deepEqual(requests.map((request) => request.operation), ['Page', 'Update', 'Off']);
});

test('an object is fetched again by its id, of whichever kind', async () => {
  const { client, cache } = connect();
  const query = gql`query Again($id: ID!) { node(id: $id) { __typename id ... on Client { name } ... on Album { name } } }`;
  for (const [id, name] of [[sample.clients[1], 'Engine'], [sample.album, 'Knees']]) {
    const { data } = await client.query({ query, variables: { id } });
    assert.equal(data.node.name, name);
    assert.equal(cache.identify(data.node), `${data.node.__typename}:${id}`);
  }
  const gone = await client.query({ query, variables: { id: 'Webhook:no-such' } });
  assert.equal(gone.data.node, null);
});

test('a deleted object leaves the list by eviction', async () => {
  const { client, cache, requests } = connect();
  const list = client.watchQuery({ query: page, variables: { first: 3 } });
  const subscription = list.subscribe(() => {});
  await list.reobserve();
  const id = sample.webhooks.shift();
  await client.mutate({
    mutation: gql`mutation Delete($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { deletedWebhookId userErrors { message } } }`,
    variables: { input: { id } },
    update(cache, { data }) {
      cache.evict({ id: cache.identify({ __typename: 'Webhook', id: data.deleteWebhook.deletedWebhookId }) });
    },
  });
  // The field policy drops edges whose node is gone.
  assert.deepEqual(nodes(list.getCurrentResult()).map((node) => node.id), sample.webhooks.slice(0, 2));
  assert.equal(requests.length, 2);
  subscription.unsubscribe();
  cache.gc();
});

for (const useGETForHashedQueries of [false, true]) {
  test(`persisted queries are asked by hash, ${useGETForHashedQueries ? 'GET' : 'POST'}`, async () => {
    const sha256 = (text) => createHash('sha256').update(text).digest('hex');
    const { client, requests } = connect({ links: [new PersistedQueryLink({ sha256, useGETForHashedQueries })] });
    const query = gql(`query Persisted${useGETForHashedQueries ? 'Get' : 'Post'}($id: ID!) { webhook(id: $id) { id name } }`);
    for (const id of sample.webhooks.slice(3, 6)) {
      const { data } = await client.query({ query, variables: { id } });
      assert.equal(data.webhook.id, id);
    }
    const hashed = useGETForHashedQueries ? 'GET' : 'POST';
    assert.deepEqual(
      requests.map(({ method, text, hash }) => ({ method, text: text !== undefined, hash: hash !== undefined })),
      [
        { method: hashed, text: false, hash: true },
        { method: 'POST', text: true, hash: true },
        { method: hashed, text: false, hash: true },
        { method: hashed, text: false, hash: true },
      ],
    );
    const { data } = await client.mutate({ mutation: update, variables: { input: { id: sample.webhooks[3], name: 'by hash' } } });
    assert.equal(data.updateWebhook.webhook.name, 'by hash');
    assert.ok(requests.slice(4).every((request) => request.method === 'POST'));
  });
}

test('a bad key reaches the error link as UNAUTHENTICATED', async () => {
  const codes = [];
  const errors = new ErrorLink(({ error }) => {
    if (CombinedGraphQLErrors.is(error)) codes.push(...error.errors.map((e) => e.extensions.code));
  });
  const { client } = connect({ key: 'not-a-key', links: [errors] });
  await assert.rejects(client.query({ query: page, variables: { first: 1 } }), CombinedGraphQLErrors);
  assert.deepEqual(codes, ['UNAUTHENTICATED']);
});
