// Runs the documentation site's search as a browser's worker does: node search_worker.js FOLDER QUERY... prints the first hits.
const fs = require("fs");
const vm = require("vm");
const [folder, ...queries] = process.argv.slice(2);
const read = (name) => fs.readFileSync(`${folder}/${name}`, "utf8");
const found = {};
let query = null;
const worker = {
  console: { log() {}, error: console.error },
  postMessage: (message) => {
    if (query !== null) found[query] = message.results.map((result) => result.location);
  },
  importScripts: (...names) => names.forEach((name) => vm.runInContext(read(name), worker)),
  XMLHttpRequest: class {
    addEventListener(_, listener) {
      this.listener = listener;
    }
    open(_, name) {
      this.name = name;
    }
    send() {
      this.listener.call({ responseText: read(this.name) });
    }
  },
};
vm.createContext(worker);
worker.self = worker;
vm.runInContext(read("worker.js"), worker);
worker.onmessage({ data: { init: true } });
for (query of queries) worker.onmessage({ data: { query } });
process.stdout.write(JSON.stringify(found));
