// What an administrator's program does, by the generated functions alone.
import * as api from './__generated__/client.js';

export interface Access {
  address: string;
  applicationId: string;
  sharedSecret: string;
}

/** Logs in and keeps the token for all further calls, as a generated client does. */
export async function login(access: Access, enableWebSession = false) {
  api.defaults.baseUrl = access.address;
  api.defaults.headers = {};
  const { applicationId, sharedSecret } = access;
  const answer = await api.authenticateAdminApiUsingPost({ applicationId, sharedSecret, enableWebSession });
  if (answer.status !== 200) return answer;
  api.defaults.headers = { Authorization: answer.data.authToken ?? '' };
  return answer;
}

/** Uses a long-lived application, which needs no login. */
export function useLongLived(access: Access) {
  api.defaults.baseUrl = access.address;
  api.defaults.headers = { Authorization: `${access.applicationId},${access.sharedSecret}` };
}

export const webhook = (name: string, more: Partial<api.WebhookParms> = {}): api.WebhookParms => ({
  name,
  callbackUrl: `https://hooks.example.net/${name}`,
  events: [{ type: 'user.created' }, { type: 'authentication.failed', filter: '[]' }],
  ...more,
});

/** The answers of the six operations, in turn. */
export async function journey(receiver: string) {
  const created = await api.createWebhookUsingPost(webhook('siem', { callbackUrl: receiver, expiry: 90, enabled: true }));
  if (created.status !== 200) throw new Error(`create: ${created.status} ${created.data.errorMessage}`);
  const { id } = created.data;
  const listed = await api.getWebhooksUsingGet();
  const read = await api.readWebhookUsingGet(id);
  const updated = await api.updateWebhookUsingPut(id, webhook('changed', { callbackUrl: receiver, expiry: 0 }));
  const tested = await api.testWebhookUsingPost(id);
  const testedElsewhere = await api.testWebhookUsingPost(id, { callbackUrl: `${receiver}/elsewhere` });
  const deleted = await api.deleteWebhookUsingDelete(id);
  return { created, listed, read, updated, tested, testedElsewhere, deleted };
}

/** An answer of each kind that is declared beside 200. */
export async function errors(receiver: string) {
  const unknown = '0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10';
  const badRequest = await api.createWebhookUsingPost(webhook('plain', { callbackUrl: 'http://hooks.example.net/' }));
  const noEvents = await api.createWebhookUsingPost(webhook('none', { events: [] }));
  const notFound = await Promise.all([
    api.readWebhookUsingGet(unknown),
    api.updateWebhookUsingPut(unknown, webhook('unknown')),
    api.deleteWebhookUsingDelete(unknown),
    api.testWebhookUsingPost(unknown),
  ]);
  const made = await api.createWebhookUsingPost(webhook('refused', { callbackUrl: `${receiver}/500` }));
  const id = made.status === 200 ? made.data.id : '';
  const refused = await api.testWebhookUsingPost(id);
  const twenty = [];
  for (let n = 0; n < 20; n++) twenty.push(await api.createWebhookUsingPost(webhook(`limit-${n}`)));
  const disabled = await api.createWebhookUsingPost(webhook('disabled', { enabled: false }));
  const enabled = await api.updateWebhookUsingPut(disabled.status === 200 ? disabled.data.id : '', webhook('disabled', { enabled: true }));
  return { badRequest, noEvents, notFound, refused, twenty, enabled };
}

export { getWebhooksUsingGet as list, createWebhookUsingPost as create } from './__generated__/client.js';
