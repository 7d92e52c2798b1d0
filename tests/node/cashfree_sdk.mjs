// Runs the official npm SDK of Cashfree for the tests; tests/sdk/__init__.py has the protocol.
import { createInterface } from "node:readline";
import sdk from "cashfree-pg";

const { CASHFREE_CLIENT_ID: id, CASHFREE_CLIENT_SECRET: secret } = process.env;

async function answer({ call, arguments: values, url, version }) {
  // The seventh argument: report no errors to the maker of the SDK.
  const cashfree = new sdk.Cashfree(sdk.CFEnvironment.SANDBOX, id, secret, "", "", "", false);
  cashfree.basePath = url; // the SDK itself knows only the servers of Cashfree
  cashfree.XApiVersion = version ?? cashfree.XApiVersion;
  const result = await cashfree[call](...values);
  return result instanceof sdk.PGWebhookEvent ? result.object : result.data;
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = { data: await answer(JSON.parse(line)) };
  } catch (error) {
    const { status = null, data = String(error) } = error.response ?? {};
    said = { error: { status, body: data } };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
