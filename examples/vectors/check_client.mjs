// Test a client in JavaScript with vectors: `node check_client.mjs DIR` (docs/vectors.md).
// DIR is what `deltacloud-tck vectors --out DIR` wrote. Put your own client in place of Client.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

class Client {
  static routes = {
    "keys.create": ["POST", "/keys"],
    "instances.index": ["GET", "/instances"],
    "instances.show": ["GET", "/instances/{id}"],
    "instances.stop": ["POST", "/instances/{id}/stop"],
  };

  constructor(base, user, password) {
    this.base = base;
    this.authorization = "Basic " + Buffer.from(`${user}:${password}`).toString("base64");
  }

  request(operation, path, parameters) {
    const [method, template] = Client.routes[operation];
    let target = this.base + template.replace("{id}", encodeURIComponent(path.id ?? ""));
    const headers = { Authorization: this.authorization, Accept: "application/json" };
    const form = new URLSearchParams(parameters).toString();
    if (form && method === "POST") headers["Content-Type"] = "application/x-www-form-urlencoded";
    else if (form) target += "?" + form;
    return { method, target, headers, body: method === "POST" ? form : "" };
  }

  readInstance(body) {
    const { instance } = JSON.parse(body);
    return { id: instance.id, state: instance.state, image: instance.image.id };
  }
}

const content = (value) => value.text ?? Buffer.from(value.base64, "base64").toString("latin1");

// What a request means: parameters in any order, the head without what libraries add.
function meaning({ method, target, headers, body }) {
  const url = new URL(target, "http://host");
  const type = headers["Content-Type"] ?? "";
  const pairs = (text) => [...new URLSearchParams(text)].map(String).sort();
  return JSON.stringify([
    method, url.pathname, pairs(url.search), headers.Authorization, headers.Accept, type,
    type.startsWith("application/x-www-form-urlencoded") ? pairs(body) : body,
  ]);
}

const folder = process.argv[2];
const load = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const index = load("index.json");
const client = new Client(index.base, index.user, index.password);
let requests = 0;
let responses = 0;
for (const operation of Object.keys(Client.routes)) {
  const vectors = load(index.operations[operation]);
  for (const one of vectors.requests.filter((each) => each.format === "json")) {
    const { path, parameters } = one.arguments;
    const sent = meaning(client.request(operation, path, parameters));
    const expected = one.requests.map((r) => meaning({ ...r, body: content(r.body) }));
    assert.ok(expected.includes(sent), `${one.id}: ${sent}`);
    requests += 1;
  }
  for (const one of vectors.responses) {
    const type = one.headers["Content-Type"] ?? "";
    if (one.values.instance && type.startsWith("application/json")) {
      const read = client.readInstance(content(one.body));
      for (const name in read) assert.equal(read[name], one.values.instance[name], one.id);
      responses += 1;
    }
  }
}
assert.ok(requests && responses, "no case was looked at");
console.log(`${requests} request cases and ${responses} response cases: right`);
