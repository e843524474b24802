"use strict";
// Adds search, sorting and filters to the tables; without it the page is whole and readable.
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Reads what a heading sorts by: a number among the row's keys, or the text of a cell.
  const reader = (heading) => {
    const { key, cell } = heading.dataset;
    if (key === undefined) return (row) => row.cells[cell].textContent;
    return (row) => {
      const number = row.dataset.k.split(",")[key];
      return number === "" ? null : Number(number);
    };
  };

  // Orders values; what is not known comes last, whichever way.
  const comparing = (down) => (one, other) => {
    const a = one.value, b = other.value;
    const unknownA = a === null || a === "", unknownB = b === null || b === "";
    if (unknownA || unknownB) return unknownA - unknownB;
    const order = typeof a === "number" ? a - b : collator.compare(a, b);
    return down ? -order : order;
  };

  const enhance = (list) => {
    const form = list.querySelector(".tools");
    const body = list.querySelector("tbody");
    const rows = [...body.rows];
    const status = form.querySelector("output");
    const nothing = list.querySelector(".nothing");
    const headings = [...list.querySelectorAll("th[data-key], th[data-cell]")];
    let texts = null;
    let waiting = 0;

    const say = (shown) => {
      const all = rows.length.toLocaleString("en");
      status.value = shown === rows.length
        ? `${all} ${shown === 1 ? "finding" : "findings"}`
        : `${shown.toLocaleString("en")} of ${all} findings`;
      nothing.hidden = shown > 0;
    };

    const ticked = (name) => {
      const boxes = [...form.querySelectorAll(`input[name=${name}]`)];
      return boxes.length ? new Set(boxes.filter((b) => b.checked).map((b) => b.value)) : null;
    };

    const apply = () => {
      const words = form.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length) texts ??= new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
      const severities = ticked("severity"), states = ticked("state");
      let shown = 0;
      for (const row of rows) {
        const fits = (!severities || severities.has(row.classList[0]))
          && (!states || states.has(row.dataset.state))
          && words.every((word) => texts.get(row).includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        shown += fits;
      }
      say(shown);
    };

    const sort = (heading) => {
      const before = heading.getAttribute("aria-sort");
      const down = before ? before === "ascending" : "down" in heading.dataset;
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const read = reader(heading);
      const sorted = rows.map((row) => ({ row, value: read(row) })).sort(comparing(down));
      for (const { row } of sorted) body.append(row);
    };

    for (const heading of headings) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(heading));
      heading.append(button);
    }
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 100);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("click", ({ target }) => {
      const act = target.closest("[data-act]")?.dataset.act;
      if (!act) return;
      for (const row of rows) if (!row.hidden) row.querySelector("details").open = act === "open";
    });
    body.addEventListener("click", (event) => {
      if (event.target.closest("a, details") || !getSelection().isCollapsed) return;
      const details = event.target.closest("tr").querySelector("details");
      details.open = !details.open;
    });
    form.hidden = false;
    return { rows: new Set(rows), showAll: () => form.reset() };
  };

  const lists = [...document.querySelectorAll(".list")].map(enhance);

  // A link to a finding shows it, whatever the filters, and opens it.
  const follow = () => {
    const row = document.getElementById(location.hash.slice(1));
    const list = lists.find((one) => one.rows.has(row));
    if (!list) return;
    if (row.hidden) { list.showAll(); row.hidden = false; }
    row.querySelector("details").open = true;
    row.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", follow);
  if (location.hash) follow();

  // Older browsers cannot open details for printing by style alone.
  if (!CSS.supports("selector(::details-content)")) {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("details:not([open])")];
      for (const details of opened) details.open = true;
    });
    addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
  }
})();
