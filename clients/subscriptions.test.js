// The clients of the two protocols that subscriptions are offered by.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient as createSocketClient } from 'graphql-ws';
import { createClient as createEventClient } from 'graphql-sse';
import WebSocket from 'ws';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { adminKey, startGateway } from './gateway.js';

let gateway;
before(async () => (gateway = await startGateway()));
after(() => gateway?.stop());

const headers = { authorization: `Bearer ${adminKey}` };
const clients = {
  'graphql-ws': (key = adminKey) =>
    createSocketClient({ url: gateway.url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, connectionParams: { Authorization: `Bearer ${key}` }, retryAttempts: 0 }),
  'graphql-sse': (key = adminKey) =>
    createEventClient({ url: gateway.url, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0 }),
};

const watchWebhooks = `subscription ($webhook: ID, $after: String) {
  webhookChanged(webhook: $webhook, after: $after) { cursor webhookId webhook { version enabled } }
}`;

async function create(name) {
  const { data } = await gateway.query(
    `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }`,
    { input: { dialect: 'STANDARD', owner: { account: true }, name, url: `https://hooks.example.org/${name}` } },
  );
  return data.createWebhook.webhook.id;
}

async function enable(id, enabled) {
  const operation = enabled ? 'enableWebhook' : 'disableWebhook';
  const { data } = await gateway.query(`mutation ($id: ID!) { ${operation}(input: { id: $id }) { webhook { version } } }`, { id });
  return data[operation].webhook.version;
}

/** Subscribes; `next` resolves with the next result, `ended` when it is over, with the error if there was one. */
function subscribe(client, query, variables) {
  const results = [];
  let waiting;
  let dispose;
  const ended = new Promise((resolve) => {
    dispose = client.subscribe(
      { query, variables },
      {
        next: (result) => {
          results.push(result);
          waiting?.();
        },
        error: resolve,
        complete: () => resolve(),
      },
    );
  });
  const next = async () => {
    while (results.length === 0) {
      const over = await Promise.race([new Promise((resolve) => (waiting = resolve)), ended.then((error) => ({ error }))]);
      if (over && results.length === 0) throw new Error(`it is over: ${JSON.stringify(over.error)}`);
    }
    return results.shift();
  };
  return { next, ended, dispose };
}

/** Follows a webhook and changes it until the first change is told: then the subscription has begun. */
async function begin(client, id) {
  const subscription = subscribe(client, watchWebhooks, { webhook: id });
  let told;
  const first = subscription.next().then((result) => (told = result));
  for (let n = 0; !told; n++) {
    await enable(id, n % 2 === 0);
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  return { ...subscription, first: told };
}

for (const [name, connect] of Object.entries(clients)) {
  test(`${name}: a change is told, and after a restart what was missed`, async () => {
    const id = await create(name);
    const client = connect();
    const { first, next, dispose } = await begin(client, id);
    assert.equal(first.errors, undefined);
    assert.equal(first.data.webhookChanged.webhookId, id);
    let last = first;
    const version = await enable(id, !first.data.webhookChanged.webhook.enabled);
    while (last.data.webhookChanged.webhook.version < version) last = await next();
    dispose();
    await client.dispose?.();

    const missed = await enable(id, last.data.webhookChanged.webhook.enabled === false);
    await gateway.restart();
    const again = connect();
    const { next: after, dispose: close } = subscribe(again, watchWebhooks, { webhook: id, after: last.data.webhookChanged.cursor });
    assert.equal((await after()).data.webhookChanged.webhook.version, missed);
    close();
  });

  test(`${name}: queries and mutations`, async () => {
    const { next, ended } = subscribe(connect(), '{ viewer { name } }');
    assert.deepEqual((await next()).data, { viewer: { name: 'admin key' } });
    assert.equal(await ended, undefined);
  });

  test(`${name}: errors`, async () => {
    for (const [query, variables, code] of [
      ['subscription { nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      [watchWebhooks, { after: 'nonsense' }, 'BAD_USER_INPUT'],
      [watchWebhooks, { webhook: 'unknown' }, 'NOT_FOUND'],
    ]) {
      const { next, ended } = subscribe(connect(), query, variables);
      // graphql-ws calls error with the errors, graphql-sse gives them as a result.
      const errors = await next().catch(() => ended);
      assert.equal((errors.errors ?? errors)[0].extensions.code, code);
    }
  });

  test(`${name}: a wrong key`, async () => {
    const { ended } = subscribe(connect('wrong'), watchWebhooks);
    const error = await ended;
    if (name === 'graphql-ws') assert.equal(error.code, 4403);
    else assert.equal(error.response.status, 401);
  });
}

test('graphql-ws: a stop closes with 1001, after which the client connects again by itself', async () => {
  const id = await create('goingaway');
  const closed = [];
  const client = createSocketClient({
    url: gateway.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${adminKey}` },
    retryAttempts: 20,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
    on: { closed: (event) => closed.push(event.code) },
  });
  const { next, dispose } = await begin(client, id);
  await gateway.restart();
  assert.equal(closed[0], 1001);
  let told = false;
  const item = next().then((result) => (told = result));
  for (let n = 0; !told; n++) {
    await enable(id, n % 2 === 0);
    await Promise.race([item, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  assert.equal(told.data.webhookChanged.webhookId, id);
  dispose();
  await client.dispose();
});

test('urql: subscriptions by fetch and by a client of its own', async () => {
  const id = await create('urql');
  const sse = clients['graphql-sse']();
  const forward = (request) => ({ subscribe: (sink) => ({ unsubscribe: sse.subscribe({ ...request, query: request.query ?? '' }, sink) }) });
  for (const options of [
    { exchanges: [fetchExchange], fetchSubscriptions: true },
    { exchanges: [subscriptionExchange({ forwardSubscription: forward }), fetchExchange] },
  ]) {
    const client = new Client({ url: gateway.url, fetchOptions: { headers }, preferGetMethod: false, ...options });
    assert.deepEqual((await client.query('{ viewer { name } }', {}).toPromise()).data.viewer.name, 'admin key');
    const told = new Promise((resolve) => {
      const { unsubscribe } = client.subscription(watchWebhooks, { webhook: id }).subscribe((result) => {
        resolve(result);
        setTimeout(() => unsubscribe());
      });
    });
    let result;
    told.then((r) => (result = r));
    for (let n = 0; !result; n++) {
      await enable(id, n % 2 === 0);
      await Promise.race([told, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    assert.equal(result.error, undefined);
    assert.equal(result.data.webhookChanged.webhookId, id);
  }
  sse.dispose();
});
