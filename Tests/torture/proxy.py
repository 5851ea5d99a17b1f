"""A TCP proxy whose connections can fall silent without being closed."""

import socket
import threading
import time


class Proxy:
    """Passes connections on to a target; while swallowing, bytes vanish as on a line that is cut."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.forward_is_cut = self.backward_is_cut = False
        self.connections = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow(self, forward=False, backward=False):
        self.forward_is_cut = self.forward_is_cut or forward
        self.backward_is_cut = self.backward_is_cut or backward

    def heal(self):
        """Connections that lost bytes cannot go on, and end; new ones pass."""
        if self.forward_is_cut or self.backward_is_cut:
            self._break()
        self.forward_is_cut = self.backward_is_cut = False

    def close(self):
        self.listener.close()
        self._break()

    def _break(self):
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self):
        while True:
            try:
                dialer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(dialer,), daemon=True).start()

    def _serve(self, dialer):
        while self.forward_is_cut or self.backward_is_cut:
            # A line that is cut accepts nothing: the dialer waits until it loses patience.
            time.sleep(0.05)
        try:
            target = socket.create_connection(self.target, timeout=5)
            target.settimeout(None)
        except OSError:
            return dialer.close()
        with self.lock:
            self.connections |= {dialer, target}
        back = threading.Thread(
            target=self._copy, args=(target, dialer, lambda: self.backward_is_cut), daemon=True)
        back.start()
        self._copy(dialer, target, lambda: self.forward_is_cut)
        back.join()
        with self.lock:
            self.connections -= {dialer, target}
        dialer.close()
        target.close()

    @staticmethod
    def _copy(source, sink, is_cut):
        try:
            while data := source.recv(1 << 16):
                if not is_cut():
                    sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
