// Each search form becomes a combobox with a list (ARIA Authoring Practices): what is written is looked up, and the things found
// are offered. Without this the form is a form.
"use strict";

(() => {
  const PAUSE = 150, LEAST = 2;
  const styles = new URL("suggest.css", document.currentScript.src).href;
  const forms = document.querySelectorAll("form.search");

  const element = (name, properties) => Object.assign(document.createElement(name), properties);

  function option(row, id) {
    const item = element("li", { id, role: "option" });
    const part = (className, textContent, lang) => {
      if (textContent) item.append(element("span", { className, textContent, dir: "auto", ...(lang && { lang }) }));
    };
    item.setAttribute("aria-selected", "false");
    part("name", row.name, row.language);
    part("about", row.found, row.foundLanguage);
    part("about", [row.kind, row.beside].filter(Boolean).join(" · "), "");
    return item;
  }

  function combobox(form, number) {
    const input = form.elements.q;
    if (!input) return;
    const address = new URL(form.action);
    address.pathname = address.pathname.replace(/search$/, "suggest");
    const list = element("ul", { id: `suggestions-${number}`, className: "suggestions", role: "listbox", hidden: true });
    const heard = element("span", { className: "skip", role: "status" });
    let rows = [], at = -1, waiting, asking;

    list.setAttribute("aria-label", "Suggestions");
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off",
    })) input.setAttribute(name, value);
    form.append(list, heard);

    function close() {
      clearTimeout(waiting);
      asking?.abort();
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      heard.textContent = "";
    }

    function choose(next) {
      list.children[at]?.setAttribute("aria-selected", "false");
      at = next;
      const item = list.children[at];
      if (!item) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      item.setAttribute("aria-selected", "true");
      item.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", item.id);
    }

    function show(found) {
      rows = found;
      at = -1;
      input.removeAttribute("aria-activedescendant");
      list.replaceChildren(...rows.map((row, place) => option(row, `${list.id}-${place}`)));
      list.hidden = rows.length === 0;
      input.setAttribute("aria-expanded", String(rows.length > 0));
      heard.textContent = rows.length === 0 ? "No suggestion." :
        `${rows.length} ${rows.length === 1 ? "suggestion" : "suggestions"}; arrow keys choose, Enter without a choice searches.`;
    }

    async function ask() {
      const text = input.value.trim();
      if (text.length < LEAST) return close();
      asking?.abort();
      asking = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      query.set("q", text);
      try {
        const answer = await fetch(`${address.origin}${address.pathname}?${query}`, { signal: asking.signal });
        if (answer.ok && document.activeElement === input) show(await answer.json());
        else close();
      } catch {
        // Another question came, or the network failed: the form works as it is.
      }
    }

    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, PAUSE);
    });
    input.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps && list.hidden) {
        if (event.key === "ArrowDown" && input.value.trim()) ask();
      } else if (event.key in steps) {
        // One place more than there are suggestions: the text itself.
        const places = rows.length + 1;
        choose((at + 1 + steps[event.key] + places) % places - 1);
      } else if (event.key === "Enter" && at >= 0) {
        location.assign(rows[at].address);
      } else if (event.key === "Escape" && !list.hidden) {
        close();
      } else return;
      event.preventDefault();
    });
    input.addEventListener("blur", close);
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const place = [...list.children].indexOf(event.target.closest("li"));
      if (place >= 0) location.assign(rows[place].address);
    });
    form.addEventListener("submit", close);
  }

  if (forms.length) document.head.append(element("link", { rel: "stylesheet", href: styles }));
  forms.forEach(combobox);
})();
