// Keys: `/` search, `g` then a letter goes to a page, `?` help. Nothing here talks to the server.
(() => {
  const places = { h: "/", o: "/orders", e: "/events", c: "/contacts", a: "/automations", r: "/runs", m: "/messages",
    t: "/templates", s: "/segments", f: "/rfm", p: "/reports", x: "/settings" };
  let waiting = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inField = event.target.closest("input, textarea, select, [contenteditable], .cm-editor");
    if (event.key === "Escape") document.getElementById("oc-keys")?.close();
    if (inField) return;
    // Where letters are not Latin, a key is known by its place.
    const key = /^[\x21-\x7e]$/.test(event.key) || !/^Key[A-Z]$/.test(event.code) ? event.key : event.code[3].toLowerCase();
    if (waiting) { waiting = false; if (places[key]) location.assign(places[key]); return; }
    if (key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1500); }
    else if (event.key === "/") {
      const field = document.querySelector(".oc-main [data-search]") || document.querySelector("[data-search]");
      if (field) { event.preventDefault(); field.focus(); field.select?.(); }
    } else if (event.key === "?") document.getElementById("oc-keys")?.showModal();
  });
  // A filter that is chosen from a list is applied at once; the button serves what is written.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.oc-filters");
    if (form && event.target.matches("select")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.oc-filters, form.oc-find")) return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  document.addEventListener("click", (event) => {
    const menu = event.target.closest(".oc-menu");
    if (menu) menu.setAttribute("aria-expanded", menu.closest(".oc-bar").classList.toggle("oc-open"));
    const opener = event.target.closest("[data-keys]");
    if (opener) document.getElementById("oc-keys")?.showModal();
  });
  // While a card of the builder is carried, the places are seen where it may fall.
  const mark = (at, name, on) => at?.classList.toggle(name, on);
  for (const [told, on] of [["dragstart", true], ["dragend", false], ["drop", false]])
    document.addEventListener(told, (event) => mark(event.target.closest?.(".oc-tree"), "oc-carrying", on), true);
  for (const [told, on] of [["dragenter", true], ["dragleave", false], ["drop", false]])
    document.addEventListener(told, (event) => mark(event.target.closest?.(".oc-plus"), "oc-over", on), true);
  // CodeMirror makes its text field itself, Quasar its bar of loading, both without a name for screen readers.
  // A long text scrolls in a box that the keyboard has to reach. On a phone the chosen tab may be out of sight.
  new MutationObserver(() => {
    for (const tab of document.querySelectorAll(".oc-tabs a[aria-current]:not([data-seen])")) {
      tab.dataset.seen = "";
      const row = tab.parentElement;
      row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
    }
    for (const box of document.querySelectorAll('.oc-editor .cm-scroller[tabindex="-1"]')) box.tabIndex = 0;
    for (const bar of document.querySelectorAll(".q-loading-bar:not([aria-label])")) bar.setAttribute("aria-label", "Loading");
    for (const field of document.querySelectorAll(".oc-editor .cm-content:not([aria-label])")) {
      field.setAttribute("aria-label", field.closest("[data-label]")?.dataset.label || "The automation as YAML");
      field.tabIndex = 0;
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
