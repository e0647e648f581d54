"""Compute in a coroutine, so that the event loop is away from its selector; run as a program."""

import asyncio
import time

late = []


async def tick():
    while True:
        asleep = time.time()
        await asyncio.sleep(0.01)
        late.append(time.time() - asleep - 0.01)


async def handle():
    for _ in range(8):
        total = 0
        for i in range(6_000_000):
            total += i
        await asyncio.sleep(0.02)


async def main():
    ticker = asyncio.create_task(tick())
    await handle()
    ticker.cancel()


if __name__ == "__main__":
    asyncio.run(main())
    print("latest by", max(late))
