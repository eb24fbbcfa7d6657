// Keys: `/` search, `g` then a letter goes to a page, `?` help. Nothing here talks to the server.
(() => {
  const places = { h: "/", o: "/orders", e: "/events", c: "/contacts", a: "/automations", r: "/runs", m: "/messages",
    t: "/templates", f: "/rfm", p: "/reports", x: "/settings" };
  let waiting = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inField = event.target.closest("input, textarea, select, [contenteditable], .cm-editor");
    if (event.key === "Escape") document.getElementById("oc-keys")?.close();
    if (inField) return;
    if (waiting) { waiting = false; if (places[event.key]) location.assign(places[event.key]); return; }
    if (event.key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1500); }
    else if (event.key === "/") { const field = document.querySelector("[data-search]"); if (field) { event.preventDefault(); field.focus(); } }
    else if (event.key === "?") document.getElementById("oc-keys")?.showModal();
  });
  // CodeMirror makes its text field itself, without a name for screen readers.
  new MutationObserver(() => {
    for (const field of document.querySelectorAll(".oc-editor .cm-content:not([aria-label])"))
      field.setAttribute("aria-label", "The automation as YAML");
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
