// Yasgui as this site uses it: nothing in it asks another host, keeps an answer, or has a control without a name.
// What is replaced here is replaced for all editors, before the first is made; @zazuko/yasgui 4.6.2.

const MOST_HINTS = 50;

/** Takes out of Yasgui what does not belong here. `page`: words, endpoint, bar(tab), Answer, promises of prefixes and terms. */
export function prepare(Yasgui, page) {
  const { Tab, Yasqe, Yasr } = Yasgui;
  Tab.prototype.initTabSettingsMenu = () => {};
  Tab.prototype.initControlbar = function () { this.controlBarEl.append(page.bar(this)); };
  Yasqe.prototype.drawButtons = function () {
    this.on("beforeChange", (editor, change) => change.update?.(null, null, change.text.map(spelled)));
  };
  Yasqe.prototype.checkSyntax = function () { checkSyntax(this, page.words); };
  for (const part of ["drawHeader", "updateHelpButton", "updateResponseInfo"]) Yasr.prototype[part] = () => {};
  Yasqe.defaults.editorHeight = "auto";
  Yasqe.prototype.query = oneAtATime(Yasqe.prototype.query);
  Yasr.plugins = {};
  Object.assign(Yasr.defaults, { plugins: {}, pluginOrder: ["answer"], defaultPlugin: "answer", persistenceId: null,
    maxPersistentResponseSize: 0 });
  Yasr.registerPlugin("answer", page.Answer);
  complete(Yasqe.Autocompleters, page);
}

/** A query with the two separators that Yasqe's grammar breaks at as SPARQL's escapes (19.2), which mean the same. */
export function spelled(query) {
  return query.replace(/[\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);
}

/** The settings of one Yasgui: one endpoint, tabs that are kept elsewhere, an editor that Tab leads out of. */
export function settings(endpoint, fields, words) {
  const answers = "application/sparql-results+json, text/turtle;q=0.9";
  return {
    persistenceId: null, populateFromUrl: false, autoAddOnInit: false, autofocus: false, copyEndpointOnNewTab: false,
    tabName: words.tab,
    requestConfig: { endpoint, method: "POST", args: fields, headers: {}, acceptHeaderSelect: answers,
      acceptHeaderGraph: answers },
    yasqe: { value: "", persistenceId: null, resizeable: false, screenReaderLabel: words.query,
      prefixCcApi: null, extraKeys: { Tab: false, "Shift-Tab": false } },
  };
}

/** Runs a query when the one before, if any, has been stopped and that is told: else its end would be taken for this one's. */
function oneAtATime(query) {
  return async function (settings) {
    if (this.req) {
      const told = new Promise((resolve) => {
        const end = () => {
          this.off("queryResponse", end);
          resolve();
        };
        this.on("queryResponse", end);
      });
      this.abortQuery();
      await told;
    }
    return query.call(this, settings);
  };
}

/** Marks the first line that the grammar does not take, and tells Yasqe of what form the query is. */
function checkSyntax(editor, words) {
  const doc = editor.getDoc();
  editor.queryValid = true;
  editor.clearGutter("gutterErrorBar");
  for (let line = 0; line < doc.lineCount() && editor.queryValid; line += 1) {
    const { state } = editor.getTokenAt({ line, ch: doc.getLine(line).length }, true);
    editor.setOption("queryType", state.queryType);
    if (state.OK === false) {
      editor.setGutterMarker(line, "gutterErrorBar", sign(words.notSparql));
      editor.queryValid = false;
    }
  }
}

function sign(text) {
  const element = document.createElement("span");
  element.className = "sign";
  element.title = text;
  element.textContent = "!";
  return element;
}

/** Completes prefixes, classes and properties from what this release has. */
function complete(completers, page) {
  Object.assign(completers.prefixes, { persistenceId: null,
    get: async () => Object.entries(await page.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`).sort() });
  Object.assign(completers.class, completer(async () => (await page.terms).classes));
  Object.assign(completers.property, completer(async () => (await page.terms).properties));

  function completer(all) {
    const shown = new Map();
    return {
      bulk: false, persistenceId: null,
      get: async (editor, token) => {
        const prefixes = { ...await page.prefixes, ...declared(editor, page.endpoint) };
        const found = (await all()).filter((term) => isMeant(term, token.string, prefixes)).slice(0, MOST_HINTS);
        for (const term of found) shown.set(written(term.iri, prefixes), term);
        return found.map((term) => written(term.iri, prefixes));
      },
      postProcessSuggestion: (editor, token, text) => text,
      postprocessHints: (editor, hints) => hints.map((hint) => {
        const term = shown.get(hint.text);
        return term ? { ...hint, displayText: `${hint.text}  ${term.name} (${term.count.toLocaleString("en")})` } : hint;
      }),
    };
  }
}

/** The prefixes that a query declares, their namespaces in full. */
function declared(editor, endpoint) {
  const base = /^\s*BASE\s*<([^>]+)>/im.exec(editor.getValue())?.[1] ?? endpoint;
  const full = ([prefix, namespace]) => [prefix, URL.canParse(namespace, base) ? new URL(namespace, base).href : namespace];
  return Object.fromEntries(Object.entries(editor.getPrefixesFromQuery()).map(full));
}

/** Whether what is written so far begins a term's IRI, or is a part of its name. */
function isMeant(term, text, prefixes) {
  const [, prefix, local] = /^([^<:]*):(.*)$/.exec(text) ?? [];
  if (prefix in prefixes) return term.iri.startsWith(prefixes[prefix] + local);
  if (text.startsWith("<")) return term.iri.startsWith(text.slice(1));
  return text.length > 1 && term.name.toLowerCase().includes(text.toLowerCase());
}

/** An IRI as a query has it: by the longest namespace that leaves a plain local name, else in full. */
function written(iri, prefixes) {
  const fitting = Object.entries(prefixes).filter(([, namespace]) => iri.startsWith(namespace)
    && /^[A-Za-z_][\w-]*$/.test(iri.slice(namespace.length)));
  fitting.sort((one, other) => other[1].length - one[1].length);
  return fitting.length ? `${fitting[0][0]}:${iri.slice(fitting[0][1].length)}` : `<${iri}>`;
}
