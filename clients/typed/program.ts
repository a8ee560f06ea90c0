// A program that lets the compiler check every variable and every field of an answer.
import { graphql } from './__generated__/graphql/gql.js';
import type { CreateWebhookInput, OwnerInput, TypedDocumentString } from './__generated__/graphql/graphql.js';

const create = graphql(`
  mutation CreateTyped($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      webhook { id name url created dialect health owner { __typename ... on Client { id identifier } ... on Album { id modalities } } }
      secret
      userErrors { code field message }
    }
  }
`);

const list = graphql(`
  query ListTyped($filter: WebhookFilterInput, $first: Int, $after: String) {
    webhooks(filter: $filter, first: $first, after: $after) {
      nodes { id name expiresAt consecutiveFailures subscriptions { pattern } lastTriggers { status attempts { statusCode } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export interface Gateway {
  url: string;
  key: string;
}

async function run<Result, Variables>(
  { url, key }: Gateway,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Result; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map((error) => error.message).join('; '));
  return data;
}

/** Makes a webhook; resolves to what is wrong with the input, or to the new id and secret. */
export async function createWebhook(gateway: Gateway, input: CreateWebhookInput) {
  const { createWebhook: payload } = await run(gateway, create, { input });
  if (!payload) throw new Error('no payload');
  if (!payload.webhook) return { mistakes: payload.userErrors.map((mistake) => `${(mistake.field ?? []).join('.')} ${mistake.code}`) };
  const { webhook, secret } = payload;
  const owner: string =
    webhook.owner?.__typename === 'Client' ? webhook.owner.identifier : (webhook.owner?.modalities.join() ?? 'account');
  return { id: webhook.id, secret, owner, since: new Date(webhook.created) };
}

/** Resolves to the names of all webhooks of an owner. */
export async function names(gateway: Gateway, owner: OwnerInput, first: number) {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const { webhooks }: Awaited<ReturnType<typeof page>> = await page(gateway, owner, first, after);
    if (!webhooks) throw new Error('no list');
    found.push(...webhooks.nodes.map((webhook) => webhook.name ?? webhook.id));
    after = webhooks.pageInfo.hasNextPage ? (webhooks.pageInfo.endCursor ?? null) : null;
  } while (after);
  return found;
}

const page = (gateway: Gateway, owner: OwnerInput, first: number, after: string | null) =>
  run(gateway, list, { filter: { owner }, first, after });

// What the schema does not allow does not compile.
export const wrong = () => {
  // @ts-expect-error two owners at once
  const both: OwnerInput = { client: '1', album: '2' };
  // @ts-expect-error a dialect that is none
  const dialect: CreateWebhookInput = { dialect: 'GITHUB', owner: { account: true }, url: 'https://receiver.example/' };
  // @ts-expect-error no url
  const incomplete: CreateWebhookInput = { dialect: 'STANDARD', owner: { account: true } };
  return [both, dialect, incomplete];
};
