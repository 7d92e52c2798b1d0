// Checks an AsyncAPI document with the official parser: node asyncapi.mjs FILE. Prints each finding;
// ends with status 1 if there is an error or a warning, otherwise prints the ids of the operations.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const WARNING = 1;
const NEWER = "asyncapi-latest-version"; // says only that there is a newer version of AsyncAPI
const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));
const found = diagnostics.filter(({ severity, code }) => severity <= WARNING && code !== NEWER);
for (const { code, message, path } of found) console.log(`${code} at ${path.join(".")}: ${message}`);
if (!document || found.length) process.exit(1);
for (const operation of document.operations().all()) console.log(`${operation.action()} ${operation.id()}`);
