// How an answer is shown: rows by pages of a hundred with names for IRIs, a yes or no, the text of a graph, or what went wrong.

const PAGE = 100;
const RESULTS = "application/sparql-results+json";
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(["decimal", "double", "float", "integer", "long", "int", "short", "byte", "nonNegativeInteger",
  "positiveInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "nonPositiveInteger", "negativeInteger"]
  .map((name) => XSD + name));

/** The class of Yasr's result view. `page` tells of the query that is answered, of names, and hears what is to be announced. */
export function answerOf(page) {
  return class Answer {
    constructor(yasr) {
      this.yasr = yasr;
      this.priority = 100;
      this.drawn = {};
    }

    canHandleResults() { return true; }

    /** Shows the answer. One that is shown already stays as it is: Yasgui draws again whenever a tab is chosen. */
    async draw() {
      const { results } = this.yasr;
      if (!this.yasr.rootEl.isConnected) return;
      if (this.drawn.results !== results) {
        this.drawn = { results };
        const answer = read(results, page.words);
        const element = await shown(answer, page.asked(this.yasr), page, results.getResponseTime());
        if (this.yasr.results !== results) return;
        this.drawn.element = element;
      }
      if (this.drawn.element) this.yasr.resultsEl.replaceChildren(this.drawn.element);
    }
  };
}

/** What Yasr was given: a problem, an end that was asked for, rows, a yes or no, or a graph. Nothing in it is changed. */
function read(results, words) {
  if (results.error) return failed(results.error, words);
  const response = results.res ?? results.summary.data;
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith(RESULTS)) return { kind: "graph", text: response.content };
  const told = JSON.parse(response.content);
  if ("boolean" in told) return { kind: "boolean", yes: told.boolean };
  return { kind: "rows", variables: told.head.vars, rows: told.results.bindings,
    cut: response.headers.has("X-SPARQL-MaxRows") };
}

/** The problem that the server tells of (RFC 9457), or that there was no whole answer. */
function failed(error, words) {
  if (error.name === "AbortError") return { kind: "stopped" };
  try {
    const problem = JSON.parse(error.message);
    if (problem.detail) return { kind: "problem", ...problem };
  } catch {
    // What is no JSON is not the server's own word.
  }
  return { kind: "problem", title: words.noAnswer, detail: words.notReached };
}

async function shown(answer, asked, page, milliseconds) {
  const { words } = page;
  if (answer.kind === "problem") return problem(answer, asked, page);
  const seconds = fill(words.seconds, { n: (milliseconds / 1000).toFixed(2) });
  if (answer.kind === "stopped") {
    asked.tell(words.stopped);
    return make("p", { class: "apart" }, words.stopped);
  }
  const section = make("section", { class: "answer" }, ...title(asked, words));
  if (answer.kind === "rows") {
    const count = fill(answer.rows.length === 1 ? words.oneRow : words.rows, { n: number(answer.rows.length) });
    section.append(make("p", { class: "told" }, `${count} ${seconds}`));
    if (answer.cut) section.append(make("p", { class: "apart", role: "note" }, words.cut));
    section.append(page.taken("rows", asked.query), await table(answer, page, asked));
    asked.tell(`${count} ${seconds}${answer.cut ? `. ${words.cut}` : ""}`);
  } else {
    const isGraph = answer.kind === "graph";
    const text = isGraph ? words.graph : answer.yes ? words.yes : words.no;
    section.append(make("p", { class: isGraph ? "told" : "lead" }, isGraph ? `${text} ${seconds}` : text));
    section.append(page.taken(isGraph ? "graph" : "rows", asked.query));
    if (isGraph) section.append(make("pre", { tabindex: "0" }, make("code", {}, answer.text)));
    asked.tell(`${text} ${seconds}`);
  }
  return section;
}

/** The heading of an answer: the question, where it is one of the named queries, and what its answer rests on. */
function title(asked, words) {
  const { question } = asked;
  if (!question) return [make("h2", {}, words.answer)];
  const heading = make("h2", {}, make("a", { href: question.page }, question.title));
  return question.told ? [heading, make("p", {}, question.told)] : [heading];
}

/** All rows, a page of them at a time. */
async function table(answer, page, asked) {
  const { words } = page;
  const { variables, rows } = answer;
  const numeric = variables.map((variable) => isNumeric(rows, variable));
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  const caption = make("caption");
  const body = make("tbody");
  const region = make("div", { class: "wide", role: "region", tabindex: "0", "aria-label": words.rowsOfAnswer },
    make("table", {}, caption,
      make("thead", {}, make("tr", {}, ...variables.map((variable, place) => (
        make("th", { scope: "col", class: numeric[place] ? "number" : "" }, variable))))),
      body));
  const place = make("span", { class: "quiet" });
  const previous = button(words.previous, () => turn(at - 1));
  const next = button(words.next, () => turn(at + 1));
  let at = 0;

  async function turn(wanted) {
    if (wanted < 0 || wanted >= pages) return;
    at = wanted;
    const part = rows.slice(at * PAGE, (at + 1) * PAGE);
    const names = await page.names(part);
    if (at !== wanted) return;
    const of = { from: number(rows.length ? at * PAGE + 1 : 0), to: number(at * PAGE + part.length), n: number(rows.length) };
    caption.textContent = fill(words.range, of);
    place.textContent = fill(words.page, { n: number(at + 1), pages: number(pages) });
    previous.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at === pages - 1));
    body.replaceChildren(...part.map((row) => make("tr", {}, ...variables.map((variable, column) => (
      make("td", { class: numeric[column] ? "number" : "" }, cell(row[variable], names, words)))))));
    if (pages > 1) asked.tell(caption.textContent);
  }

  await turn(0);
  if (pages === 1) return region;
  return make("div", {}, region, make("nav", { class: "pages", "aria-label": words.pages }, previous, place, next));
}

/** Whether all that stands in a column is a number, and something does. */
function isNumeric(rows, variable) {
  const bound = rows.filter((row) => row[variable]);
  return bound.length > 0 && bound.every((row) => NUMBERS.has(row[variable].datatype));
}

function cell(term, names, words) {
  if (!term) return make("span", { class: "nothing" }, words.nothing);
  if (term.type === "uri") {
    const name = names[term.value] ?? { text: term.value, lang: "", href: null };
    return name.href ? make("a", { href: name.href, title: term.value, lang: name.lang }, name.text)
      : make("span", { title: term.value, lang: name.lang }, name.text);
  }
  if (term.type === "bnode") return make("span", {}, `_:${term.value}`);
  return make("span", { lang: term["xml:lang"] ?? "", title: term.datatype ?? "" }, term.value);
}

/** What went wrong in the server's words, and what can be done about it at a click. It never looks like an answer. */
function problem(told, asked, page) {
  const { words } = page;
  const ways = remedies(told, asked, words);
  for (const [name, text] of [["dumps", words.dumps], ["queries", words.queries]]) {
    if (told[name]) ways.push(make("a", { href: told[name] }, text));
  }
  asked.tell("");
  return make("section", { class: "problem", role: "alert", tabindex: "-1" },
    make("p", { class: "kind" }, told.status ? String(told.status) : ""), make("h2", {}, told.title),
    make("p", { class: "lead" }, told.detail), make("div", { class: "actions" }, ...ways));
}

/** Marks the line of a problem, and gives a button for each thing that can be done in the editor. */
export function remedies(told, asked, words) {
  const ways = [];
  if (told.line) {
    const place = { line: Number(told.line), column: Number(told.column || 1) };
    asked.mark(place.line);
    ways.push(button(fill(words.goTo, place), () => asked.goTo(place.line, place.column)));
  }
  const [, prefix, iri] = /PREFIX ([\w.-]*): <([^>.][^>]*)>/.exec(told.advice ?? "") ?? [];
  if (iri) ways.push(button(fill(words.addPrefix, { prefix, iri }), () => asked.addPrefix(prefix, iri)));
  if (Number(told.status) === 413) ways.push(button(words.firstRows, () => asked.firstRows()));
  return ways;
}

/** An element with attributes, those that are empty left out, and with text and elements in it. */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(key, value);
  element.append(...content);
  return element;
}

export function button(text, act, kind = "plain") {
  const element = make("button", { type: "button", class: kind }, text);
  element.addEventListener("click", act);
  return element;
}

/** A text with its {gaps} filled. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

function number(n) {
  return n.toLocaleString("en");
}
