"""Ask a server that does one request after another; `python serial_server.py serve` is that server."""

import os
import socket
import sys
import tempfile
import time

FILE = os.path.join(tempfile.gettempdir(), "pi-tui-case-server.sock")


def func(n):
    for _ in range(n):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(FILE)
            client.sendall(b"?")
            client.recv(1)
    return n


def serve():
    if os.path.exists(FILE):
        os.unlink(FILE)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(FILE)
    listener.listen(64)
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        client.recv(1)
        time.sleep(0.01)
        client.sendall(b"!")
        client.close()


if __name__ == "__main__" and sys.argv[1:] == ["serve"]:
    serve()
