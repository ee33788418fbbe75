# SPDX-License-Identifier: Apache-2.0
"""What stands between a program and PostgreSQL where a test wants an answer to get lost: a Unix socket that forwards."""
import pathlib
import shutil
import socket
import tempfile
import threading

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class DatabaseProxy:
    def __init__(self, cluster):
        self._server = str(cluster.folder / _SOCKET)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xgate-proxy-"))
        self._lock = threading.Lock()
        self._lose_of = None
        self.lost = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / _SOCKET))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def conninfo(self, database):
        return database.conninfo.replace(f"host={database.cluster.folder} ", f"host={self.folder} ")

    def lose_next_commit_answer(self, application):
        """The server commits; its answer goes nowhere, and the connection ends. `application`: how the name begins that
        the connection gave itself."""
        self.lost.clear()
        with self._lock:
            self._lose_of = application.encode()

    def close(self):
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _accept(self):
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._server)
        except OSError:
            client.close()
            return
        state = {"application": b"", "losing": False}
        threading.Thread(target=self._answers, args=(server, client, state), daemon=True).start()
        try:
            while data := client.recv(65536):
                if not state["application"] and b"application_name\0" in data:
                    state["application"] = data.split(b"application_name\0")[1].split(b"\0")[0]
                # libpq sends a statement of this size in one write
                if data.endswith(_COMMIT) and self._is_to_lose(state["application"]):
                    state["losing"] = True
                server.sendall(data)
        except OSError:
            pass
        _end(server)

    def _is_to_lose(self, application):
        with self._lock:
            lose = self._lose_of is not None and application.startswith(self._lose_of)
            if lose:
                self._lose_of = None
            return lose

    def _answers(self, server, client, state):
        try:
            while data := server.recv(65536):
                if state["losing"]:  # the answer is here: it is committed
                    self.lost.set()
                    break
                client.sendall(data)
        except OSError:
            pass
        _end(client)
        _end(server)


def _end(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
