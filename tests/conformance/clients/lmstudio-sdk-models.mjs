// Has LM Studio's own SDK fetch models by their keys and ask them what takes no chat, and prints what came of it as one
// JSON object.
//
//   npm-clients run lmstudio-sdk-models ws://HOST:PORT MODEL OTHER THIRD EMBEDDING-MODEL
import { LMStudioClient } from "@lmstudio/sdk";

const [baseUrl, modelKey, otherKey, thirdKey, embeddingKey] = process.argv.slice(2);
const client = new LMStudioClient({ baseUrl });
const loaded = async () => (await client.llm.listLoaded()).map(model => model.identifier).sort();
const found = {};

const model = await client.llm.model(modelKey, { verbose: false });
found.there = model.identifier;
found.any = (await client.llm.model()).identifier;

// Not in memory: the first comes beside what is there, the second in place of the first.
const progress = [];
const other = await client.llm.model(otherKey, {
  verbose: false,
  ttl: 90,
  config: { contextLength: 3000 },
  onProgress: done => progress.push(done),
});
found.progress = progress;
found.context = await other.getContextLength();
found.ttl = (await other.getModelInfo()).ttlMs;
found.with_other = await loaded();
await client.llm.model(thirdKey, { verbose: false });
found.with_third = await loaded();
found.refusal = await client.llm.model("no/such", { verbose: false }).then(
  () => "none",
  error => error.message,
);

const text = "Once upon a time there was a sea.";
found.tokens = await model.tokenize(text);
found.of_two = await model.tokenize([text, text + "!"]);
found.count = await model.countTokens(text);
found.none = await model.countTokens("");
const chat = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Tell me of the sea." },
];
found.formatted = await model.applyPromptTemplate(chat);
found.bare = await model.applyPromptTemplate(chat, { omitBosToken: true });

const completion = model.complete(text, { maxTokens: 5 });
const fragments = [];
for await (const fragment of completion) fragments.push(fragment.content);
const result = await completion.result();
found.completion = { fragments, content: result.content, stats: result.stats };

const embedding = await client.embedding.model(embeddingKey, { verbose: false });
found.vector = (await embedding.embed("the sea")).embedding;
found.vectors = (await embedding.embed(["the sea", "the land"])).map(one => one.embedding);
found.embedding_context = await embedding.getContextLength();
found.embedding_count = await embedding.countTokens(text);
found.embeddings_loaded = (await client.embedding.listLoaded()).map(one => one.identifier);
found.llms_loaded = await loaded();
await client.embedding.unload(embedding.identifier);
found.embeddings_left = (await client.embedding.listLoaded()).length;
console.log(JSON.stringify(found));
await client[Symbol.asyncDispose]();
