// The editor of a pad: CodeMirror bound to a text of Yjs.
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { limit, wholeCharacters } from "./filters.js";
import { loadLanguage } from "./languages.js";
import { theme } from "./theme.js";

// The classes of highlighted code of the site (shared/css/code.css).
const COLOURS = tagHighlighter([
  { tag: tags.comment, class: "hl-c" },
  { tag: [tags.keyword, tags.tagName, tags.heading, tags.modifier, tags.operatorKeyword], class: "hl-k" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.className], class: "hl-n" },
  { tag: [tags.definition(tags.typeName), tags.attributeName, tags.standard(tags.name)], class: "hl-n" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.attributeValue], class: "hl-s" },
  { tag: [tags.number, tags.bool, tags.null], class: "hl-m" },
]);

// `label` and `hint` are for screen readers: the name of the editor, and the id of the words that describe it.
export function openEditor(place, text, { most, nonce, label, hint, cursors, onFull, onEscape }) {
  const language = new Compartment();
  const reading = new Compartment();
  const named = new Compartment();
  const attributes = (name) => EditorView.contentAttributes.of({ "aria-label": name, "aria-describedby": hint });
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        EditorView.cspNonce.of(nonce),
        theme,
        keymap.of([...yUndoManagerKeymap, ...searchKeymap, indentWithTab, ...defaultKeymap]),
        limit(most, onFull),
        wholeCharacters,
        yCollab(text, null),
        cursors,
        lineNumbers(),
        highlightActiveLine(),
        highlightSpecialChars(),
        drawSelection(),
        dropCursor(),
        bracketMatching(),
        indentOnInput(),
        search({ top: true }),
        syntaxHighlighting(COLOURS),
        EditorView.lineWrapping,
        EditorView.domEventHandlers({ keydown: (event) => event.key === "Escape" && void onEscape() }),
        language.of([]),
        reading.of([]),
        named.of(attributes(label)),
      ],
    }),
  });
  let chosen = "";
  return {
    view,
    async setLanguage(name, called) {
      chosen = name;
      const { unit, support } = await loadLanguage(name);
      if (chosen !== name) return;
      view.dispatch({
        effects: [
          language.reconfigure([indentUnit.of(unit), support]),
          named.reconfigure(attributes(`${label}, ${called}`)),
        ],
      });
    },
    setReadOnly: (only) => view.dispatch({ effects: reading.reconfigure(EditorState.readOnly.of(only)) }),
  };
}
