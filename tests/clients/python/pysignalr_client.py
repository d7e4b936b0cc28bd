"""pysignalr, at the command of a test (../README.md).  Arguments: URL TRANSPORT PROTOCOL; it has WebSockets only.

Signed in by $ACCESS_TOKEN where it is set, as a header: its access_token_factory is first asked when the WebSocket is
open, so neither the negotiation nor the first upgrade has the token.
"""

import asyncio
import os
import sys

from pysignalr.client import SignalRClient
from pysignalr.protocol.json import JSONProtocol
from pysignalr.protocol.messagepack import MessagepackProtocol

from commands import calls, say

PROTOCOLS = {"json": JSONProtocol, "messagepack": MessagepackProtocol}
WAIT_S = 30


async def received(arguments):
    say(received=arguments[0])


async def call(client, method, arguments):
    answer = asyncio.get_running_loop().create_future()

    async def completed(completion):
        answer.set_result(completion)

    await client.send(method, arguments, completed)
    completion = await asyncio.wait_for(answer, WAIT_S)
    if completion.error:
        say(error=completion.error)
    else:
        say(result=completion.result)


async def main(url, transport, protocol):
    assert transport == "WebSockets"
    token = os.environ.get("ACCESS_TOKEN")
    client = SignalRClient(url, PROTOCOLS[protocol](), headers={"Authorization": f"Bearer {token}"} if token else None)
    opened = asyncio.Event()

    async def on_open():
        opened.set()

    async def on_error(completion):
        """The call's own callback tells."""

    client.on_open(on_open)
    client.on_error(on_error)
    client.on("ReceiveMessage", received)
    running = asyncio.create_task(client.run())
    opening = asyncio.create_task(opened.wait())
    await asyncio.wait([running, opening], timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        say(error=repr(running.exception()))
        return
    assert opened.is_set()
    say(started=True)
    commands = calls()
    while command := await asyncio.to_thread(next, commands, None):
        await call(client, *command)
    assert not running.done()
    running.cancel()  # its way to stop
    try:
        await running
    except asyncio.CancelledError:
        say(stopped=None)


asyncio.run(main(*sys.argv[1:]))
