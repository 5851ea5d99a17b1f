"""JSON-RPC over HTTP, one connection a thread and node, with a deadline on everything."""

import http.client
import json
import socket


class NoAnswer(Exception):
    """The node could not be asked, or did not answer in time."""


class Refused(Exception):
    """The node answered with an error."""

    def __init__(self, error):
        super().__init__(error.get("message"))
        self.code = error.get("code")
        self.message = error.get("message", "")
        self.name = (error.get("data") or {}).get("name") if isinstance(error.get("data"), dict) else None


class Client:
    """Asks one node; not to be shared between threads."""

    def __init__(self, host, port, timeout=60.0):
        self.host, self.port, self.timeout = host, port, timeout
        self.connection = None
        self.number = 0

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def call(self, method, *params, timeout=None):
        self.number += 1
        answer = self._ask({"jsonrpc": "2.0", "id": self.number, "method": method,
                            "params": list(params)}, timeout)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def batch(self, method, lists, timeout=60):
        """The results of many calls of one method, in order."""
        results = []
        for start in range(0, len(lists), 100):
            part = lists[start:start + 100]
            answers = self._ask([{"jsonrpc": "2.0", "id": index, "method": method, "params": params}
                                 for index, params in enumerate(part)], timeout)
            if isinstance(answers, dict):
                raise Refused(answers["error"])
            by_number = {answer["id"]: answer for answer in answers}
            for index in range(len(part)):
                if "error" in by_number[index]:
                    raise Refused(by_number[index]["error"])
                results.append(by_number[index]["result"])
        return results

    def page(self, path):
        """The text of a page such as /metrics, and its status."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{self.host}:{self.port}{path}: {error!r}") from error
        finally:
            connection.close()

    def _ask(self, message, timeout):
        # What was kept open may have been closed by a node that stopped since; asking again does no harm,
        # for what is sent twice is made once.
        for is_last in (self.connection is None, True):
            try:
                return self._ask_once(message, timeout or self.timeout)
            except (ConnectionError, http.client.HTTPException) as error:
                self.close()
                if is_last:
                    raise NoAnswer(f"{self.host}:{self.port}: {error!r}") from error
            except (OSError, ValueError) as error:
                self.close()
                raise NoAnswer(f"{self.host}:{self.port}: {error!r}") from error

    def _ask_once(self, message, timeout):
        # A node that stops says that it closes the connection, and its socket is gone then.
        if self.connection is None or self.connection.sock is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sock.settimeout(timeout)
        self.connection.request("POST", "/", json.dumps(message), {"Content-Type": "application/json"})
        return json.loads(self.connection.getresponse().read())
