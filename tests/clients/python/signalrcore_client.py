"""signalrcore, at the command of a test (../README.md).  Arguments: URL TRANSPORT PROTOCOL [VERSION]

VERSION is the protocol's, as it is named in the handshake: 1, unless the client is left to itself, which names 0.
Signed in by $ACCESS_TOKEN where it is set.
"""

import os
import queue
import sys

from signalrcore.hub_connection_builder import HubConnectionBuilder
from signalrcore.protocol.json_hub_protocol import JsonHubProtocol
from signalrcore.protocol.messagepack_protocol import MessagePackHubProtocol
from signalrcore.types import HttpTransportType

from commands import calls, say

PROTOCOLS = {"json": JsonHubProtocol, "messagepack": MessagePackHubProtocol}
WAIT_S = 30


def main(url, transport, protocol, version=1):
    opened, closed, answers = queue.Queue(), queue.Queue(), queue.Queue()
    options = {"transport": HttpTransportType(transport)}
    if token := os.environ.get("ACCESS_TOKEN"):
        options["access_token_factory"] = lambda: token
    hub = (
        HubConnectionBuilder()
        .with_url(url, options=options)
        .with_hub_protocol(PROTOCOLS[protocol](version=int(version)))
        .build()
    )
    hub.on_open(lambda: opened.put(True))
    hub.on_close(lambda: closed.put(True))
    hub.on_error(answers.put)  # a call that failed; its own callback is not called then
    hub.on("ReceiveMessage", lambda arguments: say(received=arguments[0]))
    try:
        hub.start()
    except OSError as error:  # its own errors are, and those of its HTTP
        say(error=repr(error))
        return
    opened.get(timeout=WAIT_S)
    say(started=True)
    for method, arguments in calls():
        hub.send(method, arguments, answers.put)
        completion = answers.get(timeout=WAIT_S)
        if completion.error:
            say(error=completion.error)
        else:
            say(result=completion.result)
    hub.stop()
    closed.get(timeout=WAIT_S)
    say(stopped=None)


main(*sys.argv[1:])
