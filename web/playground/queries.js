// Queries to begin with. The first ones stand in tabs when the page is opened
// for the first time; all are listed at the side.
"use strict";

hookgraph.queries = [
  {
    title: "Who am I",
    about: "Your name and what you may do",
    tab: true,
    query: `# Who the gateway takes you for, and what you may do.
query WhoAmI {
  viewer {
    name
    permissions
    isGlobal
    member { id fullName }
    apiKey { id name }
    ownerKind
  }
}
`,
  },
  {
    title: "Webhooks",
    about: "With their owner and their latest triggers",
    tab: true,
    query: `# The newest webhooks of all dialects. For the next page, set the variable
# "after" to endCursor.
query Webhooks($first: Int, $after: String) {
  webhooks(first: $first, after: $after) {
    totalCount
    nodes {
      id
      dialect
      name
      url
      active
      health
      ownerKind
      owner {
        ... on Client { id name member { id fullName } }
        ... on Album { id name }
      }
      subscriptions { pattern }
      lastTriggers { id status eventType created attempts { at statusCode errorKind } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: { first: 10, after: null },
  },
  {
    title: "Create a webhook",
    about: "A mutation with variables",
    tab: true,
    query: `# Makes a webhook of the account. Its secret is shown this once. What is wrong
# with the input stands in userErrors, and then nothing is made.
mutation CreateWebhook($input: CreateWebhookInput!) {
  createWebhook(input: $input) {
    webhook { id name url enabled secretState subscriptions { key pattern } }
    secret
    userErrors { code field message }
  }
}
`,
    variables: {
      input: {
        dialect: "STANDARD",
        owner: { account: true },
        name: "From the Playground",
        url: "https://example.com/hooks",
        subscriptions: [{ pattern: "order.*" }, { pattern: "invoice.paid" }],
      },
    },
  },
  {
    title: "Imported webhooks",
    about: "What the lists of the three APIs show, as one graph",
    tab: true,
    query: `# After an import: the webhooks of the three REST APIs with the fields that
# their lists show. An imported secret is UNKNOWN until setWebhookSecret.
query Imported {
  pageseeder: webhooks(filter: { dialect: PAGESEEDER }) {
    totalCount
    nodes { ...Listed client { id identifier name } format detail serverEvents projects groups }
  }
  kheops: webhooks(filter: { dialect: KHEOPS }) {
    totalCount
    nodes { ...Listed album { id name } lastTriggers { id status imported } }
  }
  entrust: webhooks(filter: { dialect: ENTRUST }) {
    totalCount
    nodes { ...Listed expiresAt expired }
  }
}

fragment Listed on Webhook {
  key
  name
  url
  enabled
  health
  secretState
  subscriptions { pattern filter }
  created
  modified
}
`,
  },
  {
    title: "Clients and their webhooks",
    about: "From the owners' side",
    query: `# Clients in the order of their names, each with its member and webhooks.
query Clients {
  clients(first: 20, orderBy: { field: NAME, direction: ASC }) {
    totalCount
    nodes {
      id
      identifier
      name
      member { id username fullName }
      webhooks(first: 5) { totalCount nodes { id url health } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    title: "Failed deliveries",
    about: "Of the webhooks of the account, with every attempt",
    query: `# What was given up, the latest first. Set another owner in the variables:
# {"client": "Client:..."} or {"album": "Album:..."}.
query Failed($owner: OwnerInput!) {
  triggers(filter: { owner: $owner, status: FAIL }, first: 20) {
    nodes {
      id
      created
      eventType
      webhook { id url }
      attempts { number at duration statusCode errorKind body }
    }
  }
}
`,
    variables: { owner: { account: true } },
  },
  {
    title: "Watch deliveries",
    about: "A subscription: it runs until it is stopped",
    query: `# Each trigger that is new, tried or finished, as it happens. "after" continues
# behind the cursor of an item.
subscription Deliveries($owner: OwnerInput, $after: String) {
  triggerChanged(owner: $owner, after: $after) {
    cursor
    trigger {
      id
      status
      eventType
      webhook { id url }
      attempts { number at statusCode errorKind }
    }
  }
}
`,
    variables: { owner: null, after: null },
  },
  {
    title: "Who changed what",
    about: "The audit log; needs AUDIT:VIEW",
    query: `# The latest changes. Secrets read [secret].
query Changes {
  auditEntries(first: 20) {
    nodes { created who operation nodeId changes { field old new } }
  }
}
`,
  },
];
