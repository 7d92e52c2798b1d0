// The languages of pads, loaded when they are chosen: the names of core/pads.py, and a level of their indentation.
import { StreamLanguage } from "@codemirror/language";

const TWO = "  ";
const FOUR = "    ";
const mode = (name, part) => async () => StreamLanguage.define((await part())[name]);
const clike = () => import("@codemirror/legacy-modes/mode/clike");
const LANGUAGES = {
  c: [FOUR, async () => (await import("@codemirror/lang-cpp")).cpp()],
  cpp: [FOUR, async () => (await import("@codemirror/lang-cpp")).cpp()],
  csharp: [FOUR, mode("csharp", clike)],
  css: [TWO, async () => (await import("@codemirror/lang-css")).css()],
  go: ["\t", async () => (await import("@codemirror/lang-go")).go()],
  html: [TWO, async () => (await import("@codemirror/lang-html")).html()],
  java: [FOUR, async () => (await import("@codemirror/lang-java")).java()],
  javascript: [TWO, async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true })],
  json: [TWO, async () => (await import("@codemirror/lang-json")).json()],
  kotlin: [FOUR, mode("kotlin", clike)],
  markdown: [TWO, async () => (await import("@codemirror/lang-markdown")).markdown()],
  php: [FOUR, async () => (await import("@codemirror/lang-php")).php()],
  python: [FOUR, async () => (await import("@codemirror/lang-python")).python()],
  ruby: [TWO, mode("ruby", () => import("@codemirror/legacy-modes/mode/ruby"))],
  rust: [FOUR, async () => (await import("@codemirror/lang-rust")).rust()],
  shell: [TWO, mode("shell", () => import("@codemirror/legacy-modes/mode/shell"))],
  sql: [TWO, async () => (await import("@codemirror/lang-sql")).sql()],
  swift: [FOUR, mode("swift", () => import("@codemirror/legacy-modes/mode/swift"))],
  typescript: [
    TWO,
    async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true, typescript: true }),
  ],
  yaml: [TWO, async () => (await import("@codemirror/lang-yaml")).yaml()],
};

// { unit, support }: an indentation, and what colours the text. Plain text has none.
export async function loadLanguage(name) {
  const [unit, load] = LANGUAGES[name] || [TWO, async () => []];
  return { unit, support: await load() };
}
