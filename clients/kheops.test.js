// The webhook pages of Kheops' web UI, request by request: its version of axios, its base path, its forms as text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axios from 'axios';
import { startGateway } from './gateway.js';

let gateway, album, ana, bo;
before(async () => {
  gateway = await startGateway();
  const change = async (name, input, selection) => {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const { data, errors } = await gateway.query(`mutation($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { message } } }`, { input });
    assert.equal(errors, undefined);
    assert.deepEqual(data[name].userErrors, []);
    return data[name];
  };
  const join = async (username, isAdmin) => {
    const { member } = await change('createMember', { username, sub: `sub-${username}`, email: `${username}@example.org`, fullName: `The ${username}` }, 'member { id }');
    await change('setAlbumMember', { album: album.id, member: member.id, isAdmin }, 'member { id }');
    const { token } = await change('createApiKey', { name: username, permissions: ['ALL'], member: member.id }, 'token');
    return page(token);
  };
  ({ album } = await change('createAlbum', { name: 'Knees' }, 'album { id key }'));
  ana = await join('ana', true);
  bo = await join('bo', false);
});
after(() => gateway?.stop());

/** An axios of a page that is signed in: the token is added as the request leaves. */
function page(token) {
  const http = axios.create({ baseURL: `${gateway.address}/api/` });
  http.interceptors.request.use((config) => {
    config.headers.Authorization ??= `Bearer ${token}`;
    return config;
  });
  return http;
}

/** A form as text. Empty texts are left out, lists are repeated. */
function form(fields) {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one]) : value === '' ? [] : [[name, value]]);
  return pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
}

const asForm = { headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' } };
const webhooks = (id = '') => `albums/${album.key}/webhooks${id && `/${id}`}`;

async function made(fields) {
  const answer = await ana.post(webhooks(), form({ url: 'https://receiver.example/k?x=1&y=é', name: 'Nightly QA', ...fields }), asForm);
  assert.equal(answer.status, 201);
  return answer.data;
}

async function refused(promise, status, message) {
  const error = await promise.then(() => assert.fail('it was granted'), (e) => e);
  assert.equal(error.response?.status, status, error.message);
  if (message) {
    assert.equal(error.response.headers['content-type'], 'application/json');
    assert.deepEqual(Object.keys(error.response.data), ['message', 'detail', 'help']);
    assert.equal(error.response.data.message, message);
  }
}

test('the album page', async () => {
  const { data, headers } = await ana.get(`albums/${album.key}`, { headers: { Accept: 'application/json' } });
  assert.equal(data.album_id, album.key);
  assert.equal(data.is_admin, true);
  assert.equal(data.number_of_users, 2);
  assert.match(data.created_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3})?)?$/);
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.equal((await bo.get(`albums/${album.key}`)).data.is_admin, false);
  const users = await bo.get(`albums/${album.key}/users`, '', asForm);
  assert.equal(users.status, 200);
  assert.equal(users.headers['x-total-count'], '2');
  assert.deepEqual(users.data, [
    { email: 'ana@example.org', name: 'The ana', sub: 'sub-ana', is_admin: true },
    { email: 'bo@example.org', name: 'The bo', sub: 'sub-bo', is_admin: false },
  ]);
});

test('the list, a new webhook and its form', async () => {
  const before = await ana.get(webhooks(), '', asForm);
  assert.deepEqual([before.status, before.data], [200, []]);
  const first = await made({ secret: '', event: ['new_series', 'new_user'], enabled: true });
  assert.deepEqual(first, {
    id: first.id, url: 'https://receiver.example/k?x=1&y=é', name: 'Nightly QA', use_secret: false,
    events: ['new_series', 'new_user'], enabled: true, number_of_triggers: 0,
  });
  assert.match(first.id, /^[A-Za-z0-9]{20}$/);
  const second = await made({ name: 'off', secret: 's', event: [], enabled: false });
  assert.deepEqual([second.use_secret, second.events, second.enabled], [true, [], false]);
  const list = await ana.get(webhooks(), '', asForm);
  assert.equal(list.headers['x-total-count'], '2');
  assert.equal(list.headers['access-control-expose-headers'], 'X-Total-Count');
  assert.deepEqual(list.data.map(({ id }) => id), [second.id, first.id]);
  await refused(ana.post(webhooks(), form({ url: 'no address', name: 'x' }), asForm), 400, 'Bad Form Parameter');
  await refused(ana.post(webhooks(), form({ url: 'https://h/' }), asForm), 400);
  // Without saying what it is, axios sends text as a form.
  assert.equal((await ana.post(webhooks(), form({ url: 'https://h/', name: 'x' }))).status, 201);
});

test('editing', async () => {
  const { id } = await made({ secret: 's', event: ['new_series'] });
  const edit = async (fields) => (await ana.patch(webhooks(id), form(fields))).data;
  assert.equal((await edit({ enabled: false })).enabled, false);
  assert.deepEqual((await edit({ add_event: ['delete_album'] })).events, ['new_series', 'delete_album']);
  assert.deepEqual((await edit({ remove_event: ['new_series'] })).events, ['delete_album']);
  assert.deepEqual((await edit({ name: 'other', event: ['new_user', 'remove_series'] })).events, ['remove_series', 'new_user']);
  assert.equal((await edit({})).name, 'other');
  assert.equal((await ana.patch(webhooks(id), 'secret=')).data.use_secret, false);
  assert.deepEqual((await ana.patch(webhooks(id), 'event=')).data.events, []);
  await refused(ana.patch(webhooks(id), form({ event: ['new_user'], add_event: ['new_user'] })), 400, 'Bad Form Parameter');
});

test('triggers: sent by hand, listed, paged', async () => {
  const { id } = await made({ event: ['new_series'] });
  const trigger = (fields) => ana.post(`${webhooks(id)}/trigger`, form(fields), asForm);
  const answer = await trigger({ event: 'new_series', StudyInstanceUID: '1.2.840.99.1', SeriesInstanceUID: ['1.2.840.99.1.1', '1.2.840.99.1.2'] });
  assert.deepEqual([answer.status, answer.data], [202, '']);
  assert.equal((await trigger({ event: 'new_user', user: 'bo@example.org' })).status, 202);
  const { data } = await ana.get(`${webhooks(id)}?limit=10&offset=0`);
  assert.equal(data.number_of_triggers, 2);
  assert.equal(data.last_triggers, undefined);
  // They are sent at once, to a host that does not exist.
  const told = ({ attempts = [], ...trigger }) => {
    for (const { status } of attempts) assert.equal(status, -1);
    return trigger;
  };
  const [user, series] = data.triggers.map(told);
  assert.deepEqual(user, { id: user.id, is_manual_trigger: true, event: 'new_user', user: { email: 'bo@example.org', name: 'The bo', sub: 'sub-bo' } });
  const at = `${gateway.address}/api/studies/1.2.840.99.1`;
  assert.deepEqual(series.study, {
    study_uid: '1.2.840.99.1', retrieve_url: at,
    series: ['1.2.840.99.1.1', '1.2.840.99.1.2'].map((uid) => ({ series_uid: uid, retrieve_url: `${at}/series/${uid}` })),
  });
  const second = await ana.get(`${webhooks(id)}?limit=1&offset=1`);
  assert.deepEqual(second.data.triggers.map(told), [series]);
  const listed = (await ana.get(webhooks(), '', asForm)).data.find((one) => one.id === id);
  assert.deepEqual(listed.last_triggers, [{ id: user.id, status: 'fail' }, { id: series.id, status: 'fail' }]);
  await refused(trigger({ event: 'new_series', StudyInstanceUID: '1' }), 400, 'Bad Form Parameter');
  await refused(trigger({ event: 'new_user', user: 'nobody@example.org' }), 404, 'User Not Found');
});

test('removing', async () => {
  const { id } = await made({});
  const answer = await ana.delete(webhooks(id));
  assert.deepEqual([answer.status, answer.data], [204, '']);
  await refused(ana.get(webhooks(id)), 404, 'Webhook Not Found');
  await refused(ana.delete(webhooks(id)), 404, 'Webhook Not Found');
});

test('who is no admin, and who is nobody', async () => {
  const { id } = await made({});
  await refused(bo.get(webhooks()), 403, 'Authorization error');
  await refused(bo.get(webhooks(id)), 403, 'Authorization error');
  await refused(bo.post(webhooks(), form({ url: 'https://h/', name: 'x' })), 403, 'Authorization error');
  await refused(bo.patch(webhooks(id), form({ name: 'x' })), 403, 'Authorization error');
  await refused(bo.delete(webhooks(id)), 403, 'Authorization error');
  await refused(page('unknown').get(webhooks()), 401);
  await refused(ana.get('albums/0000000000/webhooks'), 404, 'Album Not Found');
  // Basic carries the token as the password.
  const auth = { username: 'anything', password: 'unknown' };
  await refused(axios.get(`${gateway.address}/api/${webhooks()}`, { auth }), 401);
});
