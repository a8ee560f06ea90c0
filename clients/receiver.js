// A receiver of deliveries as its owner would write it: Node's HTTP server, and a function that verifies a request.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';

/**
 * Listens on a free port. `verify` is given the request (method, url, headers, rawHeaders) and the bytes of its body; if
 * it throws, the sender is answered 401 with the reason, else 204.
 */
export async function startReceiver(verify) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      await verify(request, Buffer.concat(chunks));
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(401).end(error.message);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    /** Sends the bytes of a request as they are; resolves to the status and text of the answer. */
    async replay(bytes) {
      const socket = connect(port, '127.0.0.1');
      // Not ended: Node would take that for a sender who has gone.
      socket.write(bytes);
      let text = '';
      for await (const chunk of socket) {
        text += chunk;
        if (text.includes('\r\n\r\n') && !/chunked/i.test(text) || text.endsWith('\r\n0\r\n\r\n')) break;
      }
      return { status: Number(text.split(' ')[1]), text };
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * What the gateway delivers in a dialect, as its tests have recorded it: the bytes of each request with its name, the URL
 * that it was sent to, the secrets that it is signed with and the instant, in seconds, at which it was.
 */
export function recorded(dialect) {
  const folder = new URL(`../dialect/${dialect}/testdata/wire/`, import.meta.url);
  const read = (name) => readFileSync(new URL(name, folder));
  return JSON.parse(read('deliveries.json')).map((one) => ({ secrets: [], ...one, bytes: read(`${one.name}.http`) }));
}
