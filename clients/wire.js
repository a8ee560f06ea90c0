// A fetch that keeps what went over the wire, so that a test can say what a cache answered alone.
import { adminKey } from './gateway.js';

/** Returns fetch with a list of its requests; the credential is added unless the caller gives one. */
export function recordedFetch(key = adminKey) {
  const requests = [];
  const recorded = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${key}`);
    const method = init.method ?? 'GET';
    const sent = method === 'POST' ? JSON.parse(init.body) : Object.fromEntries(new URL(url).searchParams);
    const extensions = typeof sent.extensions === 'string' ? JSON.parse(sent.extensions) : sent.extensions;
    const answer = await fetch(url, { ...init, headers });
    requests.push({
      method,
      operation: sent.operationName,
      text: sent.query,
      hash: extensions?.persistedQuery?.sha256Hash,
      status: answer.status,
      media: answer.headers.get('content-type'),
    });
    return answer;
  };
  recorded.requests = requests;
  return recorded;
}

/** Fails the test if a client library warns: it says so on the console when a schema does not suit it. */
export function listenForWarnings(t) {
  const heard = [];
  for (const method of ['warn', 'error']) {
    t.mock.method(console, method, (...words) => heard.push(words.map(String).join(' ')));
  }
  return heard;
}
