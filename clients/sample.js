// Fills a gateway through its mutations: 24 webhooks of two clients, an album and the account.
import assert from 'node:assert/strict';

export const webhookCount = 24;

/** Resolves to the ids of the owners, and of the webhooks with the newest first, as lists show them. */
export async function fill(gateway) {
  const change = async (verb, noun, input) => {
    const name = `${verb}${noun}`;
    const field = noun[0].toLowerCase() + noun.slice(1);
    const answer = await gateway.query(
      `mutation($input: ${name[0].toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${field} { id } userErrors { field message } } }`,
      { input },
    );
    assert.equal(answer.errors, undefined);
    assert.deepEqual(answer.data[name].userErrors, []);
    return answer.data[name][field].id;
  };
  const member = await change('create', 'Member', { username: 'ada', firstName: 'Ada', surname: 'Byron' });
  const clients = [
    await change('create', 'Client', { name: 'Loom', member }),
    await change('create', 'Client', { name: 'Engine', member }),
  ];
  const album = await change('create', 'Album', { name: 'Knees', modalities: ['MR'] });
  const owners = [{ client: clients[0] }, { client: clients[1] }, { album }, { account: true }];
  const webhooks = [];
  for (let n = 0; n < webhookCount; n++) {
    webhooks.unshift(
      await change('create', 'Webhook', {
        dialect: 'STANDARD',
        owner: owners[n % owners.length],
        name: `hook ${n}`,
        url: `https://receiver.example/${n}`,
        subscriptions: [{ pattern: 'order.created' }, { pattern: 'invoice.*' }],
      }),
    );
  }
  return { member, clients, album, webhooks };
}
