"use strict";
// Adds sorting and filtering to the tables; without it they are whole and readable as they stand.
(() => {
  const words = new Intl.Collator("en", { numeric: true });
  const full = (cell) => {
    const marked = cell.querySelector("[data-v],time");
    if (!marked) return cell.textContent;
    return marked.dataset.v || marked.dateTime || cell.textContent;
  };
  const numeric = (kind) => kind === "number" || kind === "seconds";

  const sorter = (table, rows) => {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const kind = head.dataset.kind;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        let order = rows;
        if (next) {
          head.setAttribute("aria-sort", next);
          const sign = next === "ascending" ? 1 : -1;
          const keyed = rows.map((row) => [full(row.cells[column]), row]);
          keyed.sort(([one], [other]) => {
            // What has no value stands last in both directions.
            if (one === "" || other === "") return (one === "") - (other === "");
            return sign * (numeric(kind) ? one - other : words.compare(one, other));
          });
          order = keyed.map(([, row]) => row);
        }
        body.append(...order);
      });
    });
  };

  const filter = (scroll, rows) => {
    const tools = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const shown = document.createElement("output");
    tools.className = "tools";
    input.type = "search";
    label.append("Filter ", input);
    tools.append(label, shown);
    scroll.before(tools);
    let texts;
    input.addEventListener("input", () => {
      texts ??= rows.map((row) =>
        [...row.cells].map((cell) => `${cell.textContent}\n${full(cell)}`).join("\n").toLowerCase());
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        row.hidden = !wanted.every((word) => texts[index].includes(word));
        count += !row.hidden;
      });
      shown.textContent = wanted.length ? `${count} of ${rows.length} rows` : "";
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        input.value = "";
        input.dispatchEvent(new Event("input"));
      }
    });
  };

  for (const table of document.querySelectorAll("table.rows")) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length > 1) {
      sorter(table, rows);
    }
    // Fewer are seen at a glance.
    if (rows.length > 7) {
      filter(table.parentElement, rows);
    }
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input,textarea,select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const first = document.querySelector(".tools input");
      if (first) {
        event.preventDefault();
        first.focus();
      }
    }
  });
})();
