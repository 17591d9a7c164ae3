// The report is whole without this. It adds: a filter, folding all at once, unfolding what a link leads to, and before printing.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const form = byId("filter");
  const box = byId("to-mend");

  const reveal = () => {
    let target = null;
    try { target = byId(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target) return;
    let within = target;
    while (within) {
      if (within.tagName === "DETAILS") within.open = true;
      if (within.hidden && form) { form.reset(); apply(); }
      within = within.parentElement;
    }
    target.scrollIntoView();
  };

  const rules = box ? Array.from(box.querySelectorAll(":scope > .rule"), (element) => ({
    element,
    words: element.dataset.search,
    rows: Array.from(element.querySelectorAll("tbody > tr"), (row) => ({
      row,
      status: row.dataset.status,
      severity: row.dataset.severity,
      words: "",
    })),
  })) : [];

  function apply() {
    const text = byId("filter-text").value.trim().toLowerCase();
    const severity = byId("filter-severity").value;
    const status = byId("filter-status").value;
    let shown = 0;
    let places = 0;
    for (const rule of rules) {
      const whole = !text || rule.words.includes(text);
      let left = 0;
      for (const item of rule.rows) {
        const fits = (!severity || item.severity === severity) && (!status || item.status === status)
          && (whole || (item.words ||= item.row.textContent.toLowerCase()).includes(text));
        item.row.hidden = !fits;
        if (fits) left += 1;
      }
      rule.element.hidden = left === 0;
      if (left) shown += 1;
      places += left;
    }
    const output = byId("filter-count");
    output.textContent = shown
      ? output.dataset.template.replace("#1", shown).replace("#2", rules.length).replace("#3", places)
      : output.dataset.nothing;
  }

  if (form && box) {
    form.hidden = false;
    let waiting = 0;
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
    form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
    const fold = (open) => { for (const rule of rules) rule.element.open = open; };
    byId("expand").addEventListener("click", () => fold(true));
    byId("collapse").addEventListener("click", () => fold(false));
    apply();
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    for (const element of folded) element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const element of folded) element.open = false;
    folded = [];
  });
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
