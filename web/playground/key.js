// Keeps the key that signs in. A link that ends in #key=... hands one over: the
// fragment is not sent to the server, and leaves the address bar at once, before
// any other script runs. The key stays in this tab, for as long as it is open,
// and goes with the requests to GraphQL and with nothing else.
"use strict";

const hookgraph = (() => {
  const name = "hookgraph:key";
  const endpoint = location.origin + "/graphql";
  // https://www.rfc-editor.org/rfc/rfc6750#section-2.1
  const form = /^[A-Za-z0-9\-._~+/]+=*$/;

  const keep = (key) => {
    if (!form.test(key)) return false;
    sessionStorage.setItem(name, key);
    return true;
  };

  // Reports whether the address had a key.
  const take = () => {
    if (!location.hash.startsWith("#key=")) return false;
    keep(location.hash.slice("#key=".length));
    history.replaceState(history.state, "", location.pathname + location.search);
    return true;
  };
  take();
  window.addEventListener("hashchange", () => take() && location.reload());

  // Asks GraphQL with the key, unless the request has a credential of its own.
  // The event "refused" tells that the key was not accepted.
  const ask = async (address, init) => {
    const headers = new Headers(init.headers);
    const key = sessionStorage.getItem(name);
    const signed = key !== null && address === endpoint && !headers.has("Authorization");
    if (signed) headers.set("Authorization", "Bearer " + key);
    const response = await fetch(address, { ...init, headers });
    if (signed && response.status === 401) dispatchEvent(new Event("refused"));
    return response;
  };

  return {
    endpoint,
    ask,
    keep,
    forget: () => sessionStorage.removeItem(name),
    hasKey: () => sessionStorage.getItem(name) !== null,
    // For style elements: see the page's policy.
    nonce: document.currentScript.nonce,
  };
})();
