// The colours of the editor, by the design tokens of the site: they follow its light and dark scheme. Its own style
// sheet is in no layer, so rules of ours in a layer would not count.
import { EditorView } from "@codemirror/view";

export const theme = EditorView.theme({
  "&": {
    border: "1px solid var(--edge)",
    borderRadius: "var(--r-m)",
    overflow: "hidden",
    backgroundColor: "var(--paper)",
    color: "var(--ink)",
    outline: "none",
    direction: "ltr",
    textAlign: "start",
  },
  "& .hl-c": { color: "var(--ink-2)" },
  "&.cm-focused": { outline: "2px solid var(--brand)", outlineOffset: "1px" },
  ".cm-scroller": { font: "var(--t-s)/1.6 var(--mono)" },
  // Above the first line there is room for the name of the other side.
  ".cm-content": { paddingBlockStart: "1rem", caretColor: "var(--ink)" },
  ".cm-gutters": {
    borderInlineEnd: "1px solid var(--line)",
    backgroundColor: "var(--sunken)",
    color: "var(--ink-2)",
  },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in srgb, var(--brand-wash) 45%, transparent)",
  },
  ".cm-cursor, .cm-dropCursor": { borderInlineStart: "2px solid var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--brand) 35%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": {
    backgroundColor: "transparent",
    outline: "1px solid var(--edge)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--signal-wash, transparent)", outline: "1px solid var(--signal-ink)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  ".cm-panels-top": { borderBlockEnd: "1px solid var(--line)" },
  // Where the other side writes.
  ".pad-selected": { background: "color-mix(in srgb, var(--signal-ink) 18%, transparent)" },
  ".pad-caret": {
    position: "relative",
    borderInlineStart: "2px solid var(--signal-ink)",
    marginInline: "-1px",
  },
  ".pad-caret::after": {
    content: 'attr(data-name) / ""',
    position: "absolute",
    insetBlockStart: "-1.1em",
    insetInlineStart: "-2px",
    zIndex: "1",
    paddingInline: ".25rem",
    borderRadius: "var(--r-s) var(--r-s) var(--r-s) 0",
    background: "var(--signal-ink)",
    color: "var(--paper)",
    font: "600 .6875rem/1.3 var(--sans, sans-serif)",
    whiteSpace: "nowrap",
    pointerEvents: "none",
  },
  ".cm-textfield, .cm-button": {
    border: "1px solid var(--edge)",
    borderRadius: "var(--r-s)",
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    color: "inherit",
  },
});
