# Runs inside a machine's network namespace: forwards each ADDRESS PORT SOCKET to that unix socket outside.
import asyncio
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(words):
    for address, port, socket in zip(words[::3], words[1::3], words[2::3]):
        async def forward(reader, writer, socket=socket):
            outer_reader, outer_writer = await asyncio.open_unix_connection(socket)
            await asyncio.gather(pump(reader, outer_writer), pump(outer_reader, writer))

        await asyncio.start_server(forward, address, int(port))
    print("listening", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1:]))
