"""A client as one would write it with aiohttp: N streaming chats at once, every event decoded and stamped.

  aiohttp_client.py URL STREAMS TOKENS [FILE]     FILE: takes the times, [{id, sent, tokens}], by CLOCK_MONOTONIC
"""

import asyncio
import json
import sys
import time

import aiohttp

url, streams, tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


async def chat(session, number, times):
    body = {"model": "qwen/qwen3-4b", "messages": [{"role": "user", "content": "x"}], "stream": True, "max_tokens": tokens}
    name = f"{number}-aiohttp"
    stamps = []
    sent = time.monotonic_ns()
    async with session.post(url + "/v1/chat/completions", json=body, headers={"x-request-id": name}) as answer:
        async for line in answer.content:
            now = time.monotonic_ns()
            if not line.startswith(b"data: ") or line.startswith(b"data: [DONE]"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and choices[0]["delta"].get("content"):
                stamps.append(now)
    if len(stamps) != tokens:
        raise SystemExit(f"{len(stamps)} tokens of {tokens}")
    times.append({"id": name, "sent": sent, "tokens": stamps})


async def main():
    times = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=280)) as session:
        await asyncio.gather(*(chat(session, n, times) for n in range(streams)))
    if len(sys.argv) > 4:
        with open(sys.argv[4], "w") as out:
            json.dump(times, out)


asyncio.run(main())
