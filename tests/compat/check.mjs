// Assertions that are counted, so that a session that ends early does not pass for one that went
// through. Each program ends with finish().

import assert from "node:assert/strict";

let count = 0;

export function equal(actual, expected, what) {
  assert.deepEqual(actual, expected, what);
  ++count;
}

export function ok(value, what) {
  assert.ok(value, what);
  ++count;
}

/** The error with which `run` fails; that it does not fail is a failure. */
export async function failure(run, what) {
  try {
    await run();
  } catch (error) {
    ++count;
    return error;
  }
  assert.fail(`${what ?? run}: no error`);
}

export function matches(text, pattern, what) {
  assert.match(String(text), pattern, what);
  ++count;
}

export function finish() {
  console.log(`${count} assertions`);
}

export const bytes = (value) => [...(ArrayBuffer.isView(value) ? value : new Uint8Array(value))];

/** The address of the server and the tokens, as run.py sets them. */
export const server = {
  url: process.env.COMPAT_URL,
  token: process.env.COMPAT_TOKEN,
  readOnlyToken: process.env.COMPAT_READ_ONLY_TOKEN,
};
