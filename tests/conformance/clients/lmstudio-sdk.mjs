// Talks to an LM Studio through its own SDK and prints what came of it as one JSON object.
//
//   npm-clients run lmstudio-sdk ws://HOST:PORT API-TOKEN MODEL
import { LMStudioClient } from "@lmstudio/sdk";

const [baseUrl, apiToken, modelKey] = process.argv.slice(2);
const client = new LMStudioClient({ baseUrl, apiToken });
const names = async () => (await client.llm.listLoaded()).map(model => model.identifier);
const found = { before: await names(), progress: [] };
for (const name of found.before) await client.llm.unload(name);
found.unloaded = await names();

const model = await client.llm.load(modelKey, {
  identifier: "mine",
  verbose: false,
  config: { contextLength: 5000, maxParallelPredictions: 7, useUnifiedKvCache: false },
  onProgress: progress => found.progress.push(progress),
});
found.after = await names();
found.config = await model.getLoadConfig();
found.state = await model.getInstanceProcessingState();
found.version = await client.system.getLMStudioVersion();
found.refusal = await client.llm.load("no/such", { verbose: false }).then(
  () => "none",
  error => error.message,
);
console.log(JSON.stringify(found));
await client[Symbol.asyncDispose]();
