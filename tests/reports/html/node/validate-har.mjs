// Reads an archive from the file that is named, and says as JSON what har-validator finds wrong with it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { har } = createRequire(import.meta.url)("har-validator/lib/promise");
try {
  await har(JSON.parse(readFileSync(process.argv[2], "utf8")));
  console.log("[]");
} catch (wrong) {
  console.log(JSON.stringify((wrong.errors ?? [{ message: String(wrong) }]).slice(0, 5)));
}
