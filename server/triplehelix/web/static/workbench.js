// The SPARQL page: makes an editor with tabs of its form, and shows answers in place. Without it the form works as it is.
import { answerOf, button, fill, make, remedies } from "./answer.js";
import { prepare, settings, spelled } from "./editor.js";

// Longer addresses are not passed on by many programs.
const LONGEST = 8000;
const FIRST_ROWS = "1000";
const KEPT = "sparql-tabs";

const form = document.getElementById("asking");
const words = JSON.parse(form.dataset.words);
const endpoint = new URL(form.getAttribute("action"), location.href);
const release = form.elements.release?.value;
const fields = release ? [{ name: "release", value: release }] : [];
const links = document.querySelectorAll("#examples a[data-query]");
const questions = new Map(Array.from(links, (link) => [queryOf(link), {
  query: queryOf(link), title: link.textContent, page: link.dataset.query, told: link.dataset.told }]));
// By tab: the query that its answer is of.
const asked = new Map();
const named = {};

function normal(query) {
  return spelled(query).replace(/\r\n/g, "\n").trim();
}

/** The query that a link runs. */
function queryOf(link) {
  return normal(new URL(link.href).searchParams.get("query"));
}

/** An address below the site's root, in the same release. */
function at(local, values = {}) {
  const url = new URL(local, endpoint);
  for (const [name, value] of Object.entries({ ...values, ...(release && { release }) })) url.searchParams.set(name, value);
  return url.href;
}

async function json(local, options) {
  const response = await fetch(at(local), options);
  if (!response.ok) throw new Error(`${local}: ${response.status}`);
  return response.json();
}

/** The names of the IRIs in rows; without the server's help they are shown as they are. */
async function names(rows) {
  const iris = rows.flatMap((row) => Object.values(row)).filter((term) => term.type === "uri").map((term) => term.value);
  const unknown = [...new Set(iris)].filter((iri) => !(iri in named));
  if (unknown.length) {
    const body = JSON.stringify(unknown);
    Object.assign(named, await json("names.json", { method: "POST", headers: { "Content-Type": "application/json" }, body })
      .catch(() => ({})));
  }
  return named;
}

/** What can be done with an answer, from the template of the page. */
function taken(kind, query) {
  const places = { answer: at("sparql", { query }), cite: at("cite", { query }) };
  const copy = document.getElementById(`taken-${kind}`).content.cloneNode(true);
  for (const link of copy.querySelectorAll("[data-href]")) link.href = fill(link.dataset.href, places);
  for (const code of copy.querySelectorAll("code")) code.textContent = fill(code.textContent, places);
  const isLong = places.answer.length > LONGEST;
  if (isLong) {
    copy.querySelector("details").replaceWith(make("p", { class: "quiet" }, words.tooLong));
    copy.querySelector('[data-href="{cite}"]').parentElement.remove();
  }
  copyable(copy);
  return copy;
}

/** A button to copy beside each text that is there to be used elsewhere. */
function copyable(root) {
  for (const text of root.querySelectorAll("pre.use")) {
    const copy = button(words.copy, async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        copy.textContent = words.copied;
      } catch {
        // Over plain HTTP and without leave there is no clipboard: what is marked is copied by the keyboard.
        getSelection().selectAllChildren(text);
      }
    });
    text.after(copy);
  }
}

/** Sends a request that is too long for an address as a form. */
function post(href) {
  const sent = make("form", { method: "post", action: endpoint.href, hidden: "hidden" });
  for (const [name, value] of new URL(href).searchParams) sent.append(make("input", { name, value }));
  document.body.append(sent);
  sent.submit();
  sent.remove();
}

/** The bar of a tab: run, stop, further tabs, and what is going on. */
function bar(tab) {
  const run = button(words.run, () => tab.query().catch(() => {}), "run");
  const stop = button(words.stop, () => tab.getYasqe().abortQuery(), "plain stop");
  stop.hidden = true;
  return make("div", { class: "bar" }, run, stop, button(words.newTab, () => yasgui.addTab(true)),
    button(words.closeTab, () => tab.close()), make("p", { class: "status", role: "status" }),
    make("p", { class: "quiet" }, words.keys));
}

/** What scrolls in a page is to be reached by the keyboard, and says what it is. */
function reachable(editor) {
  const scroller = editor.getScrollerElement();
  scroller.tabIndex = 0;
  scroller.role = "group";
  scroller.ariaLabel = words.text;
}

function running(tab, is) {
  const stop = document.getElementById(tab.getId())?.querySelector(".bar .stop");
  // A tab that was closed meanwhile is told too.
  if (!stop) return;
  stop.hidden = !is;
  if (is) tell(tab, words.running);
}

function tell(tab, text) {
  document.getElementById(tab.getId()).querySelector(".bar .status").textContent = text;
}

/** What the result view is told of the query that it shows the answer of, and what it can do with it. */
function about(yasr) {
  const tab = Object.values(yasgui._tabs).find((each) => each.getYasr() === yasr);
  const editor = tab.getYasqe();
  const query = asked.get(tab.getId());
  return {
    query, question: questions.get(normal(query)),
    tell: (text) => tell(tab, text),
    mark: (line) => mark(editor, line),
    goTo: (line, column) => goTo(editor, line, column),
    addPrefix: (prefix, iri) => {
      editor.addPrefixes({ [prefix]: iri });
      tab.query().catch(() => {});
    },
    firstRows: () => editor.query({ args: [...fields, { name: "max-rows", value: FIRST_ROWS }] }).catch(() => {}),
  };
}

function mark(editor, line) {
  const faulty = editor.addLineClass(Math.min(line, editor.lineCount()) - 1, "background", "faulty");
  const clear = () => {
    editor.removeLineClass(faulty, "background", "faulty");
    editor.off("change", clear);
  };
  editor.on("change", clear);
}

function goTo(editor, line, column) {
  editor.getDoc().setCursor({ line: line - 1, ch: column - 1 });
  editor.focus();
}

/** The query in a tab, of which no editor is made before it is looked at. */
function textOf(tab) {
  return tab.getYasqe()?.getValue() ?? tab.getPersistedJson().yasqe.value;
}

// Tabs: their names and queries are kept, never an answer. Each window has its own; a new one begins with those of the last.

function keep() {
  const tabs = yasgui.persistentConfig.getTabs().map((id) => yasgui.getTab(id)).filter(Boolean)
    .map((tab) => ({ name: tab.name(), query: textOf(tab), active: tab === yasgui.getTab() }));
  for (const storage of ["sessionStorage", "localStorage"]) {
    try {
      window[storage].setItem(KEPT, JSON.stringify(tabs));
    } catch {
      // A visitor who lets nothing be kept has tabs as long as the page is open.
    }
  }
}

function kept() {
  try {
    const tabs = JSON.parse(sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT) ?? "[]");
    return tabs.filter((tab) => typeof tab.name === "string" && typeof tab.query === "string");
  } catch {
    return [];
  }
}

/** Opens the tabs of the last time; the query of this page is in front, where it was asked for. */
function open(query, isAsked) {
  const tabs = kept();
  const present = tabs.findIndex((tab) => normal(tab.query) === normal(query));
  let front = tabs.findIndex((tab) => tab.active);
  if (isAsked && present >= 0) front = present;
  if (!tabs.length || (isAsked && present < 0)) front = tabs.push({ name: nameOf(query), query }) - 1;
  tabs.forEach((tab, place) => {
    yasgui.addTab(place === Math.max(front, 0), { name: tab.name, yasqe: { value: spelled(tab.query) } });
  });
}

function nameOf(query) {
  return questions.get(normal(query))?.title ?? yasgui.createTabName();
}

/** Puts a named query into a tab, that which has it already or one that is untouched before a new one, and runs it. */
function ask(question) {
  let tab = Object.values(yasgui._tabs).find((each) => normal(textOf(each)) === question.query);
  const here = normal(textOf(yasgui.getTab()));
  if (tab) {
    tab.select();
  } else if (questions.has(here) || !here) {
    tab = yasgui.getTab();
    tab.setQuery(question.query).setName(question.title);
  } else {
    tab = yasgui.addTab(true, { name: question.title, yasqe: { value: question.query } });
  }
  document.getElementById("examples").open = false;
  workbench.scrollIntoView();
  tab.query().catch(() => {});
}

/** The address of the page is the query that was run last, so that it can be shared, and asks again when it is opened. */
function show(query) {
  const address = at("sparql", { query });
  if (address.length <= LONGEST) history.replaceState(null, "", address);
}

function listen() {
  yasgui.on("query", (all, tab) => {
    const query = tab.getYasqe().getValue();
    const isOther = Array.from(questions.values()).some((each) => each.title === tab.name() && each.query !== normal(query));
    if (isOther) tab.setName(yasgui.createTabName());
    asked.set(tab.getId(), query);
    running(tab, true);
  });
  yasgui.on("queryResponse", (all, tab) => {
    running(tab, false);
    show(asked.get(tab.getId()));
  });
  yasgui.on("queryAbort", (all, tab) => running(tab, false));
  yasgui.on("tabClose", () => queueMicrotask(() => yasgui.persistentConfig.getTabs().length || yasgui.addTab(true)));
  for (const event of ["tabAdd", "tabClose", "tabChange", "tabSelect"]) yasgui.on(event, () => queueMicrotask(changed));
  yasgui.on("autocompletionShown", (all, tab, shown) => shown.hints.setAttribute("aria-label", words.completions));
  addEventListener("pagehide", keep);
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      ask(questions.get(queryOf(link)));
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".forms a");
    if (link && link.href.length > LONGEST) {
      event.preventDefault();
      post(link.href);
    }
  });
}

function changed() {
  for (const input of document.querySelectorAll(".yasgui .tab input")) input.setAttribute("aria-label", words.rename);
  for (const tab of Object.values(yasgui._tabs)) if (tab.getYasqe()) reachable(tab.getYasqe());
  keep();
}

/** The answer that came with the page stands where answers stand, until another is there. */
function take(answer) {
  const tab = yasgui.getTab();
  tab.getYasr().resultsEl.append(answer);
  asked.set(tab.getId(), tab.getYasqe().getValue());
  copyable(answer);
  const ways = remedies(answer.dataset, about(tab.getYasr()), words);
  if (ways.length) answer.append(make("div", { class: "actions" }, ...ways));
}

const page = { words, endpoint: endpoint.href, bar, names, taken, asked: about,
  prefixes: json("prefixes.json").catch(() => ({})),
  terms: json("completions.json").catch(() => ({ classes: [], properties: [] })) };
page.Answer = answerOf(page);
prepare(Yasgui, page);
const workbench = make("div", { id: "workbench" });
const answer = document.getElementById("answer");
(answer ?? form).before(workbench);
const yasgui = new Yasgui(workbench, settings(endpoint.href, fields, words));
listen();
open(form.elements.query.value, "asked" in form.dataset);
document.getElementById("again")?.remove();
form.remove();
if (answer) take(answer);
