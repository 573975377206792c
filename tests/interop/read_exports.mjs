// Reads every document of an export as any JavaScript program would, and tells what it sees.
//
//   node read_exports.mjs FOLDER   ->   [{id, heads, text, shown, conflicts}] as JSON
//
// `shown` has the value of each field (`title`, `tags/climb` ...), `conflicts` the fields that have
// more than one live value: {field: [[operation, value]]}, by `getConflicts`, equal values included.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as A from "@automerge/automerge";

// A scalar as plain JSON: a string that is one register is an object of its own in JavaScript.
const plain = (value) => (A.isImmutableString(value) ? value.toString() : value);

const isScalar = (value) => value === null || typeof value !== "object" || A.isImmutableString(value);

// Every place that people write as a whole: [name, the object that holds it, key].
const fieldsOf = (doc) => [
  ...Object.keys(doc)
    .filter((key) => key !== "body" && isScalar(doc[key]))
    .map((key) => [key, doc, key]),
  ...Object.keys(doc.tags).map((tag) => [`tags/${tag}`, doc.tags, tag]),
];

const seen = (id, bytes) => {
  const doc = A.load(bytes);
  const shown = {};
  const conflicts = {};
  for (const [name, holder, key] of fieldsOf(doc)) {
    shown[name] = plain(holder[key]);
    const live = A.getConflicts(holder, key);
    if (live !== undefined) {
      conflicts[name] = Object.entries(live).map(([op, value]) => [op, plain(value)]);
    }
  }
  return { id, heads: A.getHeads(doc), text: String(doc.body), shown, conflicts };
};

const folder = process.argv[2];
const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
const documents = index.map(({ id, file }) => seen(id, readFileSync(join(folder, file))));
process.stdout.write(JSON.stringify(documents));
