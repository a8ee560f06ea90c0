// The operations of a small Relay application. A tag stands for the artifact that the compiler made of it.
const graphql = ([text]) => require(`./__generated__/${/(?:query|mutation|fragment)\s+(\w+)/.exec(text)[1]}.graphql`);

exports.card = graphql`
  fragment journey_card on Webhook {
    id
    name
    url
    enabled
    active
    version
    subscriptions { key pattern }
    ownerKind
    owner {
      __typename
      ... on Client { id identifier }
      ... on Album { id modalities }
    }
  }
`;

exports.list = graphql`
  fragment journey_list on Query
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
  @refetchable(queryName: "journeyListPageQuery") {
    webhooks(first: $count, after: $cursor) @connection(key: "journey_list_webhooks") {
      __id
      edges {
        cursor
        node { id ...journey_card }
      }
      totalCount
    }
  }
`;

exports.ofClient = graphql`
  fragment journey_ofClient on Client
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "journeyClientPageQuery") {
    name
    webhooks(first: $count, after: $cursor) @connection(key: "journey_ofClient_webhooks") {
      edges { node { id name } }
    }
  }
`;

exports.listQuery = graphql`
  query journeyListQuery($count: Int!) {
    ...journey_list @arguments(count: $count)
  }
`;

exports.clientQuery = graphql`
  query journeyClientQuery($id: ID!) {
    client(id: $id) { id ...journey_ofClient }
  }
`;

exports.nodeQuery = graphql`
  query journeyNodeQuery($id: ID!) {
    node(id: $id) { __typename id ...journey_card @alias(as: "card") }
  }
`;

exports.create = graphql`
  mutation journeyCreateMutation($input: CreateWebhookInput!, $connections: [ID!]!) {
    createWebhook(input: $input) {
      webhook @prependNode(connections: $connections, edgeTypeName: "WebhookEdge") { id ...journey_card }
      secret
      userErrors { code field message }
    }
  }
`;

exports.update = graphql`
  mutation journeyUpdateMutation($input: UpdateWebhookInput!) {
    updateWebhook(input: $input) {
      webhook { ...journey_card }
      userErrors { code field message }
    }
  }
`;

exports.remove = graphql`
  mutation journeyDeleteMutation($input: DeleteWebhookInput!, $connections: [ID!]!) {
    deleteWebhook(input: $input) {
      deletedWebhookId @deleteEdge(connections: $connections) @deleteRecord
      userErrors { code field message }
    }
  }
`;
