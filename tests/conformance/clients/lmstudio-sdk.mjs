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
found.hardware = await client.runtime.surveyHardware({ type: "selected" });
found.refusal = await client.llm.load("no/such", { verbose: false }).then(
  () => "none",
  error => error.message,
);

const prediction = { fragments: [], prefill: [] };
const answer = model.respond("Count from one to twenty.", {
  maxTokens: 9,
  onPromptProcessingProgress: progress => prediction.prefill.push(progress),
});
for await (const f of answer) prediction.fragments.push([f.content, f.tokensCount]);
const result = await answer.result();
prediction.content = result.content;
prediction.stats = result.stats;
prediction.model = result.modelInfo.identifier;
found.prediction = prediction;

const long = model.respond("Count to a million.", { maxTokens: 1000 });
let heard = 0;
for await (const fragment of long) if ((heard += fragment.tokensCount) === 3) long.cancel();
found.cancelled = (await long.result()).stats;
found.downloaded = (await client.system.listDownloadedModels()).map(m => m.modelKey);
console.log(JSON.stringify(found));
await client[Symbol.asyncDispose]();
