// usage: node client.mjs COMMAND FOLDER
// Talks with `COMMAND mcp` through the official MCP client: two devices, each with a server of its
// own, and a primary in FOLDER. Ends with "ok" and exit code 0, or says what was wrong.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, folder] = process.argv.slice(2);

setTimeout(() => {
  console.error("the conversation took longer than a minute");
  process.exit(1);
}, 60_000).unref();

async function device(name) {
  const transport = new StdioClientTransport({
    command,
    args: ["mcp"],
    env: {
      HOME: `${folder}/${name}`,
      MEMORY_BACKEND: "turso",
      TURSO_DATABASE_URL: `${folder}/primary.db`,
      TURSO_AUTH_TOKEN: process.env.TURSO_AUTH_TOKEN ?? "",
    },
    stderr: "inherit",
  });
  const client = new Client({ name, version: "1.0.0" });
  await client.connect(transport);
  const call = async (tool, args = {}) => {
    const result = await client.callTool({ name: tool, arguments: args });
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    assert.equal(result.isError, false, result.content[0].text);
    return result.structuredContent;
  };
  return { client, call, pid: transport.pid };
}

async function until(condition) {
  for (let tries = 0; !(await condition()); ++tries) {
    assert.ok(tries < 300, "it did not happen within 30 seconds");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const laptop = await device("laptop");
const phone = await device("phone");

assert.equal(laptop.client.getServerVersion().name, "memorygraph");
const { tools } = await laptop.client.listTools();
const names = tools.map((tool) => tool.name);
for (const name of ["store_memory", "search_memories", "get_related", "sync"]) {
  assert.ok(names.includes(name), `${name} is not among ${names}`);
}
assert.ok(tools.every((tool) => tool.description && tool.inputSchema.type === "object"));
await laptop.client.ping();

// A conversation on the laptop.
const { id: problem } = await laptop.call("store_memory", {
  title: "Database is locked",
  content: "Writers wait for each other under load",
  tags: ["sqlite"],
  embedding: [1, 0.1],
});
const { id: solution } = await laptop.call("store_memory", {
  title: "Use WAL mode",
  content: "Readers never wait",
  type: "solution",
  embedding: [0.9, 0.3],
});
await laptop.call("create_relationship", { from: solution, type: "SOLVES", to: problem });
const found = await laptop.call("search_memories", { query: "locked" });
assert.deepEqual(found.memories.map((memory) => memory.id), [problem]);
const near = await laptop.call("search_memories", { embedding: [0, 1], limit: 1 });
assert.deepEqual(near.memories.map((memory) => memory.id), [solution]);
const related = await laptop.call("get_related", { id: problem, types: ["SOLVES"] });
assert.equal(related.nodes[0].properties.title, "Use WAL mode");
const { paths } = await laptop.call("find_paths", { from: problem, to: solution });
assert.equal(paths[0][0].type, "SOLVES");
await laptop.call("update_memory", { id: solution, summary: "WAL", properties: { type: null } });
const updated = await laptop.call("get_memory", { id: solution });
assert.equal(updated.properties.summary, "WAL");
assert.equal(updated.properties.type, undefined);

// It reaches the phone, in the background or when asked.
await until(async () => (await laptop.call("health_check")).sync.pending === 0);
await phone.call("sync");
const there = await phone.call("search_memories", { query: "\"readers never\"" });
assert.deepEqual(there.memories.map((memory) => memory.id), [solution]);
const closest = await phone.call("search_memories", { embedding: [1, 0], metric: "l2", limit: 1 });
assert.deepEqual(closest.memories.map((memory) => memory.id), [problem]);
await phone.call("delete_memory", { id: problem });
await until(async () => (await phone.call("health_check")).sync.pending === 0);
await laptop.call("sync");
assert.equal((await laptop.call("search_memories", { query: "locked" })).memories.length, 0);
assert.deepEqual((await laptop.call("list_conflicts")).conflicts, []);

// Mistakes of a model are answers that it can read; those of a client are errors of the protocol.
for (const [name, args, part] of [
  ["store_memory", { title: "no content" }, "'content'"],
  ["get_memory", { id: "nobody" }, "there is no memory nobody"],
  ["search_memories", { query: "x", limit: 0 }, "'limit'"],
  ["search_memories", { embedding: ["x"] }, "array of numbers"],
  ["get_related", { id: solution, direction: "up" }, "'direction'"],
]) {
  const result = await laptop.client.callTool({ name, arguments: args });
  assert.equal(result.isError, true);
  assert.ok(result.content[0].text.includes(part), result.content[0].text);
}
await assert.rejects(laptop.client.callTool({ name: "no_such_tool", arguments: {} }));

// The server ends when its input does.
for (const { client, pid } of [laptop, phone]) {
  await client.close();
  assert.throws(() => process.kill(pid, 0), "the server goes on running");
}
console.log("ok");
