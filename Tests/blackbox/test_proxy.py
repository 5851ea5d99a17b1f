"""Clients behind a reverse proxy that the node is told of: one that floods is limited, others are served."""

import asyncio
import contextlib
import http.client
import json
import socket
import threading

import pytest

from test_limits import MEBIBYTE, UPGRADE, Victim, ask, frame, push, request, wait_until


class Proxy:
    """Says whose a request is, and sends it on whatever connection to the node is free, as proxies do."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.idle = []
        self.opened = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self.serve, "127.0.0.1", 0), self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]

    def stop(self):
        async def end():
            self.server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, writer in self.idle:
                writer.close()
        asyncio.run_coroutine_threadsafe(end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def serve(self, reader, writer):
        upstream = None
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    upstream = self.idle.pop() if self.idle else await self.open()
                    client = writer.get_extra_info("peername")[0].encode()
                    # After what the client may have written there itself.
                    upstream[1].write(head[:-2] + b"X-Forwarded-For: " + client + b"\r\n\r\n")
                    if b"Upgrade: websocket" in head:
                        await asyncio.gather(self.pass_on(reader, upstream[1]),
                                             self.pass_on(upstream[0], writer))
                        return
                    await self.pass_on(reader, upstream[1], self.length(head))
                    answer = await upstream[0].readuntil(b"\r\n\r\n")
                    writer.write(answer)
                    await self.pass_on(upstream[0], writer, self.length(answer))
                    if b"connection: close" not in answer:
                        self.idle.append(upstream)
                        upstream = None
        finally:
            for one in [writer] + ([upstream[1]] if upstream else []):
                one.close()

    async def open(self):
        self.opened += 1
        return await asyncio.open_connection(*self.upstream)

    @staticmethod
    def length(head):
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return int(line.partition(b":")[2])
        return 0

    @staticmethod
    async def pass_on(reader, writer, count=None):
        while count is None or count > 0:
            data = await reader.read(min(1 << 18, count or 1 << 18))
            if not data:
                writer.close()
                raise ConnectionError
            writer.write(data)
            await writer.drain()
            count = count and count - len(data)

    def connect(self, source):
        """A client at an address of this machine."""
        one = socket.create_connection(("127.0.0.1", self.port), 60, (source, 0))
        one.settimeout(60)
        return one

    def rpc(self, source, method, *params, headers={}):
        """A customer's whole visit."""
        one = http.client.HTTPConnection("127.0.0.1", self.port, 60, source_address=(source, 0))
        one.request("POST", "/", json.dumps(ask(method, *params)),
                    {"Host": "localhost", "Content-Type": "application/json", **headers})
        answer = one.getresponse()
        assert answer.status == 200, answer.status
        told = json.loads(answer.read())
        one.close()
        return told["result"]


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    node = Victim(tmp_path_factory.mktemp("node"), "--proxy", "127.0.0.1").start()
    yield node
    node.stop()


@pytest.fixture
def proxy(victim):
    proxy = Proxy(victim.address)
    yield proxy
    proxy.stop()
    wait_until(lambda: victim.metric("dip_connections") == 1)


HONEST, GREEDY, OTHER = "127.0.0.2", "127.0.0.3", "127.0.0.4"


@contextlib.contextmanager
def flood(victim, proxy, data, count=20):
    """A client keeps more in the node than there is room for, until it loses connections."""
    before = victim.metric("dip_greedy_connections_total")
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            push(stack.enter_context(proxy.connect(GREEDY)), data)
        wait_until(lambda: victim.metric("dip_greedy_connections_total") > before)
        yield


def test_a_flood_costs_the_client_that_makes_it(victim, proxy):
    """The other's is the largest body of all, on a connection that the flooding client had used before."""
    assert proxy.rpc(GREEDY, "eth_chainId") == "0xd1b"
    whole = request(json.dumps(ask("eth_chainId")).encode().ljust(16 * MEBIBYTE))
    with proxy.connect(HONEST) as honest:
        honest.sendall(whole[:-1])
        # He pretends to be the other; the proxy adds who he is.
        lie = request(b" " * 16 * MEBIBYTE, f"X-Forwarded-For: {HONEST}\r\n")
        with flood(victim, proxy, lie[:15 * MEBIBYTE]):
            assert proxy.rpc(OTHER, "eth_chainId") == "0xd1b"
            honest.sendall(whole[-1:])
            assert honest.recv(4096).startswith(b"HTTP/1.1 200")
    assert proxy.rpc(HONEST, "eth_chainId") == "0xd1b"


def test_so_does_one_by_websocket(victim, proxy):
    half = b"\x81\xff" + (4 * MEBIBYTE).to_bytes(8, "big") + bytes(4)
    with proxy.connect(HONEST) as honest:
        honest.sendall(UPGRADE)
        assert honest.recv(4096).startswith(b"HTTP/1.1 101")
        text = frame(json.dumps(ask("eth_chainId")).encode().ljust(4 * MEBIBYTE))
        honest.sendall(text[:-1])
        with flood(victim, proxy, UPGRADE + half + b" " * (4 * MEBIBYTE - 100), 70):
            honest.sendall(text[-1:])
            told = b""
            while b"0xd1b" not in told:
                more = honest.recv(4096)
                assert more, told
                told += more


def test_connections_are_used_for_one_client_after_another(victim, proxy):
    for client in (HONEST, GREEDY, OTHER) * 5:
        assert proxy.rpc(client, "eth_chainId", headers={"Forwarded": "for=\"rubbish"}) == "0xd1b"
    assert proxy.opened == 1
