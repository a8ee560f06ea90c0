// Shows who is signed in, and GraphiQL.
"use strict";

(() => {
  const element = (id) => document.getElementById(id);

  // Shows how it stands with the key: none, accepted, refused or unreachable.
  const show = (state, text) => {
    document.body.dataset.key = state;
    element("viewer").textContent = text;
    for (const note of document.querySelectorAll("[data-when]")) note.hidden = note.dataset.when !== state;
    element("forget").hidden = !hookgraph.hasKey();
    element("enter").textContent = hookgraph.hasKey() ? "Change the key" : "Enter a key";
  };

  const refused = () => show("refused", "The key is not accepted");

  const askWho = async () => {
    if (!hookgraph.hasKey()) return show("none", "No key");
    try {
      const response = await hookgraph.ask(hookgraph.endpoint, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ query: "{ viewer { name } }" }),
      });
      if (response.status === 401) return;
      const { data } = await response.json();
      show("accepted", "Signed in: " + data.viewer.name);
    } catch {
      show("unreachable", "No answer");
    }
  };

  const dialog = element("dialog");
  element("enter").addEventListener("click", () => {
    element("wrong").hidden = true;
    dialog.showModal();
  });
  element("cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => (element("key").value = ""));
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (hookgraph.keep(element("key").value.trim())) location.reload();
    else element("wrong").hidden = false;
  });
  element("forget").addEventListener("click", () => {
    hookgraph.forget();
    location.reload();
  });
  window.addEventListener("refused", refused);
  askWho();

  if (!window.React || !window.ReactDOM || !window.GraphiQL || !window.graphqlSse) {
    element("graphiql").hidden = true;
    element("missing").hidden = false;
    return;
  }
  // Read by the library that adds style elements: see the page's policy.
  window.__webpack_nonce__ = hookgraph.nonce;

  const { createElement: e } = React;
  const text = (variables) => (variables ? JSON.stringify(variables, null, 2) : "");

  const Icon = () =>
    e(
      "svg",
      { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round" },
      e("path", { d: "M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10" }),
    );

  // The list of queries at the side; a click puts one into a new tab.
  const List = () => {
    const { addTab, tabs, activeTabIndex, queryEditor, variableEditor } = GraphiQL.React.useEditorContext({
      nonNull: true,
    });
    const opening = React.useRef(null);
    // The query goes into its tab when that is shown: GraphiQL fills the editors
    // while it renders a new tab, and whatever was put there before is lost.
    React.useLayoutEffect(() => {
      if (!opening.current) return;
      queryEditor?.setValue(opening.current.query);
      variableEditor?.setValue(text(opening.current.variables));
      opening.current = null;
    }, [tabs[activeTabIndex]?.id]);
    // Within the click the tab would overtake changes of state that are waiting,
    // and React would render it a second time after them.
    const open = (ready) => {
      opening.current = ready;
      setTimeout(addTab);
    };
    return e(
      "section",
      { "aria-label": "Ready queries", className: "ready" },
      e("div", { className: "graphiql-doc-explorer-title" }, "Ready queries"),
      hookgraph.queries.map((ready) =>
        e(
          "button",
          { key: ready.title, type: "button", onClick: () => open(ready) },
          e("strong", null, ready.title),
          e("span", null, ready.about),
        ),
      ),
    );
  };

  // The operations of a request. If it has none that can be read, the gateway says
  // what is wrong with it.
  const operations = ({ query }) => {
    try {
      return GraphiQL.GraphQL.parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
    } catch {
      return [];
    }
  };
  // GraphiQL notices a moment after typing that the name of the operation has
  // changed, or has gone: what runs in this moment must not carry the old one.
  const rename = (request, [only, ...others]) =>
    only && others.length === 0 ? { ...request, operationName: only.name?.value } : request;
  const send = GraphiQL.createFetcher({ url: hookgraph.endpoint, fetch: hookgraph.ask });
  // A subscription that is cut says so, instead of going on with a gap.
  const follow = (request, headers) =>
    graphqlSse
      .createClient({ url: hookgraph.endpoint, fetchFn: hookgraph.ask, headers, retryAttempts: 0 })
      .iterate(request);
  const fetcher = (request, options) => {
    const all = operations(request);
    const renamed = rename(request, all);
    const chosen = all.length === 1 ? all[0] : all.find(({ name }) => name?.value === renamed.operationName);
    return chosen?.operation === "subscription" ? follow(renamed, options?.headers) : send(renamed, options);
  };

  // Headers may hold a credential. Told not to store them, GraphiQL keeps them
  // in its history all the same.
  const kept = GraphiQL.createLocalStorage({ namespace: "hookgraph" });
  const withoutHeaders = (history) =>
    JSON.stringify(JSON.parse(history), (name, value) => (name === "headers" ? undefined : value));
  const storage = Object.create(kept, {
    setItem: {
      value: (name, text) => kept.setItem(name, /:(queries|favorites)$/.test(name) ? withoutHeaders(text) : text),
    },
  });

  ReactDOM.createRoot(element("graphiql")).render(
    e(
      GraphiQL,
      {
        fetcher,
        storage,
        defaultTabs: hookgraph.queries
          .filter((ready) => ready.tab)
          .map(({ query, variables }) => ({ query, variables: text(variables) })),
        plugins: [{ title: "Ready queries", icon: Icon, content: List }],
        isHeadersEditorEnabled: true,
        shouldPersistHeaders: false,
        showPersistHeadersSettings: false,
        defaultEditorToolsVisibility: true,
        inputValueDeprecation: true,
        schemaDescription: true,
      },
      e(GraphiQL.Logo, null, e("span")),
    ),
  );
})();
