// Starts the gateway as a user would: the built binary, an empty data folder, a free port.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary = process.env.HOOKGRAPH ?? fileURLToPath(new URL('../hookgraph', import.meta.url));
export const adminKey = 'independent-clients-0123456789abcdef';

/** Starts the program and resolves with it and its address, when it says where it listens. */
async function launch(data, addr, flags) {
  const child = spawn(binary, ['serve', '--addr', addr, '--data', data, ...flags], {
    env: { ...process.env, HOOKGRAPH_ADMIN_KEY: adminKey },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^\s*Address\s+(\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
  const end = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return { address, end };
}

/** Resolves when the gateway says where it listens; `stop` ends it and removes its data. */
export async function startGateway(...flags) {
  const data = mkdtempSync(join(tmpdir(), 'hookgraph-'));
  let running = await launch(data, '127.0.0.1:0', flags);
  const { address } = running;
  return {
    url: `${address}/graphql`,
    address,
    data,
    async query(query, variables) {
      const answer = await fetch(`${address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
        body: JSON.stringify({ query, variables }),
      });
      return answer.json();
    },
    /** Stops the gateway, does something meanwhile, and starts it again at the same address. */
    async restart(meanwhile = () => {}) {
      await running.end();
      await meanwhile();
      running = await launch(data, new URL(address).host, flags);
    },
    async stop() {
      await running.end();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
