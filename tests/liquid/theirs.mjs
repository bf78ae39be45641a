// node theirs.mjs FOLDER: what liquidjs (in FOLDER) makes of every line, template, tab, properties, in the form
// of render.cpp. Dates are in UTC and English.
import {createInterface} from "node:readline";
import {createRequire} from "node:module";

const {Liquid} = createRequire(`${process.argv[2]}/`)("liquidjs");
const engine = new Liquid({timezoneOffset: 0, locale: "en-US", strictFilters: true, ownPropertyOnly: true});
Date.now = () => 1457432766000;
for await (const line of createInterface({input: process.stdin})) {
  const [template, properties] = line.split("\t").map((part) => JSON.parse(part));
  let answer;
  try {
    const parsed = engine.parse(template);
    try {
      answer = {out: engine.renderSync(parsed, {Profile: properties})};
    } catch {
      answer = {failed: true};
    }
  } catch (error) {
    answer = {refused: error.message};
  }
  console.log(JSON.stringify(answer));
}
