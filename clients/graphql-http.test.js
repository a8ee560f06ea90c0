// The executable suite of GraphQL over HTTP, against the running gateway.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditServer, serverAudits } from 'graphql-http';
import { adminKey, startGateway } from './gateway.js';

let gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

test('there are 61 audits', () => {
  assert.equal(serverAudits({ url: 'http://127.0.0.1' }).length, 61);
});

test('every audit passes', async () => {
  const results = await auditServer({
    url: gateway.url,
    fetchFn: (url, init = {}) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${adminKey}` } }),
  });
  const failed = results.filter((r) => r.status !== 'ok').map((r) => `${r.id} ${r.name}: ${r.reason}`);
  assert.deepEqual(failed, []);
  assert.equal(results.length, 61);
});
