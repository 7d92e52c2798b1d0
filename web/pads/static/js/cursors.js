// Where the others write: their cursors with names, and what they have selected.
import { Decoration, ViewPlugin, WidgetType } from "@codemirror/view";
import {
  createAbsolutePositionFromRelativePosition,
  createRelativePositionFromTypeIndex,
  decodeRelativePosition,
  encodeRelativePosition,
} from "yjs";
import { toBytes, toText } from "./bytes.js";

const SHOW_MS = 150;
const AGAIN_MS = 15000;
const GONE_MS = 45000;

class Caret extends WidgetType {
  constructor(name) {
    super();
    this.name = name;
  }
  eq(other) {
    return other.name === this.name;
  }
  toDOM() {
    const caret = document.createElement("span");
    caret.className = "pad-caret";
    caret.dataset.name = this.name;
    return caret;
  }
  ignoreEvent() {
    return true;
  }
}

// `show({ page, anchor, head })` sends the own position, `names` are those of accounts, and `onWhere(words)` is told
// where the others write. `heard` takes the events of the others.
export function openCursors(text, { show, names, onWhere }) {
  const page = crypto.randomUUID();
  const others = new Map();
  let view = null;
  let waiting = 0;

  const encoded = (index) => toText(encodeRelativePosition(createRelativePositionFromTypeIndex(text, index)));
  function tell() {
    waiting = 0;
    if (!view) return;
    const { anchor, head } = view.state.selection.main;
    show(view.hasFocus ? { page, anchor: encoded(anchor), head: encoded(head) } : { page });
  }
  const soon = () => (waiting ||= setTimeout(tell, SHOW_MS));

  // The place in the text, or null for one that is not in it.
  function place(position) {
    try {
      const found = createAbsolutePositionFromRelativePosition(decodeRelativePosition(toBytes(position)), text.doc);
      return found?.type === text && found.index <= view.state.doc.length ? found.index : null;
    } catch {
      return null;
    }
  }
  function decorations() {
    const ranges = [];
    const lines = [];
    for (const { account, anchor, head } of others.values()) {
      const [from, to] = [place(anchor), place(head)];
      if (from === null || to === null) continue;
      const name = names[account] || "";
      lines.push(`${name} is at line ${view.state.doc.lineAt(to).number}`);
      ranges.push(Decoration.widget({ widget: new Caret(name), side: to > from ? -1 : 1 }).range(to));
      if (from !== to) {
        ranges.push(Decoration.mark({ class: "pad-selected" }).range(Math.min(from, to), Math.max(from, to)));
      }
    }
    onWhere(lines.join(", "));
    return Decoration.set(ranges, true);
  }
  const plugin = ViewPlugin.fromClass(
    class {
      constructor(opened) {
        view = opened;
        this.decorations = Decoration.none;
      }
      update(update) {
        if (update.selectionSet || update.focusChanged) soon();
        this.decorations = decorations();
      }
      destroy() {
        view = null;
      }
    },
    { decorations: (value) => value.decorations },
  );
  const redraw = () => view?.dispatch({});

  function forget() {
    const before = others.size;
    for (const [name, { at }] of others) if (Date.now() - at > GONE_MS) others.delete(name);
    if (others.size < before) redraw();
  }
  setInterval(() => {
    if (view?.hasFocus) tell();
    forget();
  }, AGAIN_MS);

  return {
    extension: plugin,
    heard(event) {
      if (event.page === page) return;
      if (event.anchor && event.head) others.set(event.page, { ...event, at: Date.now() });
      else others.delete(event.page);
      redraw();
    },
  };
}
