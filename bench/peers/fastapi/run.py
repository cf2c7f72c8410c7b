"""run.py <port> <workers>: server:app under uvicorn.

As `uvicorn server:app --workers 2`, which however opens its socket without naming TCP, so that asyncio leaves Nagle's
algorithm on and each answer, sent as head and body, waits 40 ms for the client's delayed acknowledgement.
"""

import multiprocessing
import socket
import sys

import uvicorn

port, workers = map(int, sys.argv[1:])
listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listening.bind(("127.0.0.1", port))
server = uvicorn.Server(uvicorn.Config("server:app", access_log=False))
fork = multiprocessing.get_context("fork")
processes = [fork.Process(target=server.run, kwargs={"sockets": [listening]}) for _ in range(workers)]
for process in processes:
    process.start()
for process in processes:
    process.join()
