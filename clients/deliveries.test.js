// Deliveries of the four dialects, verified by what their receivers use: npm's Standard Webhooks and HTTP Message
// Signatures libraries, and HMAC by Node's own hand for the signatures that have no library.
import assert from 'node:assert/strict';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createVerifier, httpbis } from 'http-message-signatures';
import { Webhook } from 'standardwebhooks';
import { recorded, startReceiver } from './receiver.js';

let receiver, verify;
before(async () => {
  receiver = await startReceiver((...request) => verify(...request));
});
after(() => receiver?.stop());

/** Lets the clock stand at the instant of a delivery, give or take, while it is verified. */
function at(t, seconds) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['Date'], now: seconds * 1000 });
}

/** Delivers by turns what was sent, which the receiver must take, and what somebody changed, which it must not. */
async function deliver(delivery, verifier) {
  verify = verifier;
  const answer = await receiver.replay(delivery.bytes);
  assert.equal(answer.status, 204, `${delivery.name}: ${answer.text}`);
  const changed = Buffer.from(delivery.bytes);
  changed[changed.length - 1] = ' '.charCodeAt(0);
  const forged = await receiver.replay(changed);
  assert.equal(forged.status, 401, `${delivery.name}: a changed body was taken`);
}

function equal(given, expected) {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text ?? '').digest());
  assert.ok(timingSafeEqual(a, b), 'the signature does not match');
}

const hmac = (secret, body, encoding = 'hex') => createHmac('sha256', secret).update(body).digest(encoding);

/** Runs a verifier that is to fail. */
async function refuses(delivery, verifier, reason) {
  verify = verifier;
  const { status, text } = await receiver.replay(delivery.bytes);
  assert.equal(status, 401, delivery.name);
  assert.match(text, reason);
}

test('Standard Webhooks', async (t) => {
  const deliveries = recorded('standard');
  assert.deepEqual(new Set(deliveries.map(({ secrets }) => secrets.length)), new Set([1, 2]));
  for (const delivery of deliveries) {
    for (const secret of delivery.secrets) {
      const library = new Webhook(secret);
      const verifier = ({ headers }, body) => {
        const { type, timestamp, data } = library.verify(body, headers);
        assert.equal(typeof type, 'string');
        assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.notEqual(data, undefined);
        assert.equal(headers['content-type'], 'application/json');
      };
      at(t, delivery.at);
      await deliver(delivery, verifier);
      at(t, delivery.at + 299);
      await deliver(delivery, verifier);
      at(t, delivery.at + 301);
      await refuses(delivery, verifier, /too old/);
      at(t, delivery.at - 301);
      await refuses(delivery, verifier, /too new/);
    }
    const stranger = new Webhook('whsec_c3RyYW5nZXIgc3RyYW5nZXIgc3RyYW5nZXIh');
    at(t, delivery.at);
    await refuses(delivery, ({ headers }, body) => stranger.verify(body, headers), /No matching signature/);
  }
});

/** Verifies the message signature of a label as section 8.1 says, by the library. */
function messageSignature(delivery, token, label) {
  return async ({ method, url, headers }, body) => {
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
    assert.equal(headers['content-digest'], digest, 'the digest is that of another body');
    // The library verifies every signature with the one key that it is given, so that it is shown one of them.
    const only = (name) => headers[name].split(/, (?=sig)/).filter((line) => line.startsWith(`${label}=`)).join(', ');
    const message = {
      method,
      url: `${new URL(delivery.url).protocol}//${headers.host}${url}`,
      headers: { ...headers, signature: only('signature'), 'signature-input': only('signature-input') },
    };
    const valid = await httpbis.verifyMessage({
      keyLookup: async ({ alg }) => ({ id: 'token', algs: [alg], verify: createVerifier(token, alg) }),
      requiredParams: ['created', 'alg'],
      requiredFields: ['@method', '@target-uri', 'content-digest'],
      maxAge: 300,
    }, message);
    assert.equal(valid, true, 'the message signature does not match');
  };
}

test("Entrust's message signature", async (t) => {
  const deliveries = recorded('entrust').filter(({ name }) => name !== 'body-signature');
  assert.ok(deliveries.some(({ secrets }) => secrets.length === 2));
  for (const delivery of deliveries) {
    for (const [i, token] of delivery.secrets.entries()) {
      const verifier = messageSignature(delivery, token, ['sig', 'sig-previous'][i]);
      at(t, delivery.at);
      await deliver(delivery, verifier);
      at(t, delivery.at + 301);
      await refuses(delivery, verifier, /too old/);
      at(t, delivery.at);
      const elsewhere = { ...delivery, bytes: Buffer.from(delivery.bytes.toString('latin1').replace('/idaas?', '/Idaas?'), 'latin1') };
      await refuses(elsewhere, verifier, /does not match/);
    }
    at(t, delivery.at);
    await refuses(delivery, messageSignature(delivery, 'another token', 'sig'), /does not match/);
  }
});

test("Entrust's older signature", async () => {
  for (const delivery of recorded('entrust').filter(({ name }) => name !== 'message-signature')) {
    await deliver(delivery, ({ headers }, body) => equal(headers['x-sha2-signature'], hmac(delivery.secrets[0], body)));
  }
});

test('Entrust: retries keep the message, and sign it again', async () => {
  const [first, second] = ['both-signatures', 'second-try'].map((name) => recorded('entrust').find((one) => one.name === name).bytes.toString());
  const body = (text) => text.slice(text.indexOf('\r\n\r\n'));
  assert.equal(body(first), body(second));
  assert.match(JSON.parse(body(first)).id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(/^Signature: .*$/m.exec(first)[0], /^Signature: .*$/m.exec(second)[0]);
});

test("Kheops' signature", async () => {
  const deliveries = recorded('kheops');
  const kinds = new Set(deliveries.map(({ bytes }) => /^X-Kheops-Event: (\w+)/m.exec(bytes)[1]));
  assert.deepEqual(kinds, new Set(['new_user', 'new_series', 'remove_series', 'delete_album']));
  for (const delivery of deliveries.filter(({ secrets }) => secrets.length > 0)) {
    await deliver(delivery, ({ headers }, body) => equal(headers['x-kheops-signature'], hmac(delivery.secrets[0], body)));
  }
  for (const delivery of deliveries.filter(({ secrets }) => secrets.length === 0)) {
    verify = ({ headers }) => assert.equal(headers['x-kheops-signature'], undefined);
    assert.equal((await receiver.replay(delivery.bytes)).status, 204);
  }
});

test("PageSeeder's signature and the spelling of its headers", async () => {
  for (const delivery of recorded('pageseeder')) {
    const [secret] = delivery.secrets;
    const verifier = ({ rawHeaders }, body) => {
      // Its receivers look headers up by their exact spelling.
      const header = Object.fromEntries(rawHeaders.flatMap((name, i) => (i % 2 ? [] : [[name, rawHeaders[i + 1]]])));
      assert.match(header['Content-Type'], /^application\/(xml|json); charset=UTF-8$/);
      assert.equal('X-PS-Secret' in header, delivery.name === 'ping-xml' || delivery.name === 'ping-json');
      if (secret) equal(header['X-PS-Signature'], hmac(secret, body));
      else assert.equal(header['X-PS-Signature'], undefined);
    };
    if (secret) {
      await deliver(delivery, verifier);
    } else {
      verify = verifier;
      assert.equal((await receiver.replay(delivery.bytes)).status, 204);
    }
  }
});
