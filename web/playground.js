// Signs in the Playground. A link that ends in #key=... hands a key over: the
// fragment is not sent to the server, and leaves the address bar at once. The
// key stays in this tab, for as long as it is open, and goes with the requests
// to GraphQL and with nothing else.
(() => {
  "use strict";
  const name = "hookgraph:key";

  const take = () => {
    const match = /^#key=([A-Za-z0-9_.-]+)$/.exec(location.hash);
    if (!match) return;
    sessionStorage.setItem(name, match[1]);
    history.replaceState(history.state, "", location.pathname + location.search);
  };
  take();
  window.addEventListener("hashchange", take);

  const fetch = window.fetch;
  window.fetch = function (input, init) {
    const request = new Request(input, init);
    const target = new URL(request.url);
    const key = sessionStorage.getItem(name);
    if (key && target.origin === location.origin && target.pathname === "/graphql" && !request.headers.has("Authorization")) {
      request.headers.set("Authorization", "Bearer " + key);
    }
    return fetch.call(window, request);
  };
})();
