// What a person may write: no more than the pad holds, and whole characters only.
import { EditorState } from "@codemirror/state";
import { ySyncAnnotation } from "y-codemirror.next";

const bytes = (text) => new TextEncoder().encode(text).length;
const isOwn = (change) => change.docChanged && !change.annotation(ySyncAnnotation);

// Refuses what would make the text longer than `most` bytes; what makes it shorter is always allowed.
export const limit = (most, onFull) =>
  EditorState.changeFilter.of((change) => {
    if (!isOwn(change) || change.newDoc.length * 3 <= most) return true;
    const after = bytes(change.newDoc.toString());
    if (after <= most || after < bytes(change.startState.doc.toString())) return true;
    onFull(after - most);
    return false;
  });

// Some input methods replace the second half of a character that has two code units. Documents of Yjs have whole ones
// only, so the change is made wider.
export const wholeCharacters = EditorState.transactionFilter.of((change) => {
  if (!isOwn(change)) return change;
  const { doc } = change.startState;
  const isInside = (at) => {
    const pair = doc.sliceString(at - 1, at + 1);
    return pair.length === 2 && pair.codePointAt(0) > 0xffff;
  };
  const changes = [];
  let isWider = false;
  change.changes.iterChanges((from, to, _from, _to, inserted) => {
    const [first, last] = [isInside(from) ? from - 1 : from, isInside(to) ? to + 1 : to];
    isWider ||= first < from || last > to;
    const insert = doc.sliceString(first, from) + inserted.toString() + doc.sliceString(to, last);
    changes.push({ from: first, to: last, insert });
  });
  return isWider ? { changes, userEvent: "input" } : change;
});
