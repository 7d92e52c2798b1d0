// A certified OpenID provider on this machine: `node provider.mjs '{"port": …, …}'`.
//
// Whoever types a name into its page is that person: <name>@example.com, verified unless the
// name begins with "unverified". It ends with its parent, whose end closes our standard input.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const { port, client_id, client_secret, redirect_uris } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const SCOPE = "openid email profile";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(issuer, {
  clients: [{ client_id, client_secret, redirect_uris }],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "first" }] },
  cookies: { keys: [randomBytes(16).toString("hex")] },
  claims: { email: ["email", "email_verified"], openid: ["sub"], profile: ["name"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
  ttl: {
    AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600,
  },
  findAccount: (_ctx, name) => ({ accountId: name, claims: () => claimsOf(name) }),
  loadExistingGrant: agreed,
});

function claimsOf(name) {
  return {
    sub: name,
    email: `${name}@example.com`,
    email_verified: !name.startsWith("unverified"),
    name: name.charAt(0).toUpperCase() + name.slice(1),
  };
}

// Signing in is agreeing: there is one client, and its page says what it will learn.
async function agreed(ctx) {
  const { client, session } = ctx.oidc;
  const grant = new ctx.oidc.provider.Grant({
    clientId: client.clientId, accountId: session.accountId,
  });
  grant.addOIDCScope(SCOPE);
  await grant.save();
  return grant;
}

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title>
<h1>Sign in</h1>
<p>The site that sent you here will learn your name and e-mail address.</p>
<form method="post">
<label>Name <input name="name" autocomplete="username" pattern="[a-z0-9\\-]+"></label>
<button name="do" value="sign-in">Sign in</button>
<button name="do" value="cancel" formnovalidate>Cancel</button>
</form></html>`;

async function answerOf(request) {
  let body = "";
  for await (const part of request) body += part;
  const form = new URLSearchParams(body);
  const name = form.get("name") ?? "";
  if (form.get("do") === "cancel") {
    return { error: "access_denied", error_description: "The person said no." };
  }
  return /^[a-z0-9-]+$/.test(name) ? { login: { accountId: name } } : undefined;
}

async function signIn(request, response) {
  await provider.interactionDetails(request, response); // fails without its cookie
  const answer = request.method === "POST" ? await answerOf(request) : undefined;
  if (answer) {
    await provider.interactionFinished(request, response, answer);
    return;
  }
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(PAGE);
}

const rest = provider.callback();
const server = createServer((request, response) => {
  if (!request.url.startsWith("/sign-in/")) {
    rest(request, response);
    return;
  }
  signIn(request, response).catch((error) => {
    response.writeHead(400, { "content-type": "text/plain" });
    response.end(String(error));
  });
});

process.stdin.on("end", () => process.exit()).resume();
server.listen(port, "127.0.0.1");
