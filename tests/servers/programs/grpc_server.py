"""A gRPC server that knows no method: ``grpc_server.py ADDRESS:PORT CHAIN KEY``. It runs as a process of its own."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

server = grpc.server(ThreadPoolExecutor(2))
pair = (Path(sys.argv[3]).read_bytes(), Path(sys.argv[2]).read_bytes())
server.add_secure_port(sys.argv[1], grpc.ssl_server_credentials([pair]))
server.start()
server.wait_for_termination()
