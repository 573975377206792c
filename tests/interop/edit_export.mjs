// Edits one exported document as a JavaScript program would, and gives the change that it made.
//
//   node edit_export.mjs FILE EDIT   ->   the change as base64
//
// EDIT is JSON: {title?, plainTitle?, clear?, tag?, untag?, text?}. A `plainTitle` is assigned as a
// plain string, of which JavaScript makes a text object.

import { readFileSync } from "node:fs";

import * as A from "@automerge/automerge";

const [file, said] = process.argv.slice(2);
const edit = JSON.parse(said);

const edited = A.change(A.load(readFileSync(file)), (doc) => {
  if (edit.title !== undefined) doc.title = new A.ImmutableString(edit.title);
  if (edit.plainTitle !== undefined) doc.title = edit.plainTitle;
  if (edit.clear !== undefined) doc[edit.clear] = null;
  if (edit.tag !== undefined) doc.tags[edit.tag] = true;
  if (edit.untag !== undefined) doc.tags[edit.untag] = null;
  if (edit.text !== undefined) A.splice(doc, ["body"], 0, 0, edit.text);
});

process.stdout.write(Buffer.from(A.getLastLocalChange(edited)).toString("base64"));
