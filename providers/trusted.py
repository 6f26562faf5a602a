"""Whom TLS trusts, read once.

urllib3 and http.client read the file of all authorities again for every connection, which takes
longer than all else of a send: some 20 ms of a processor. A file that has changed is read again.
"""

import os
import ssl
from functools import lru_cache

from urllib3.connection import HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

#: Files, directories, and the changes of a file, that are remembered.
_KEPT = 8


def by_default() -> ssl.SSLContext:
    """What `ssl.create_default_context` makes, for http.client, which speaks HTTP/1.1."""
    where = ssl.get_default_verify_paths()  # heeds SSL_CERT_FILE and SSL_CERT_DIR
    return _by_default(where.cafile, where.capath, _changed(where.cafile))


def preset(connection: HTTPSConnection) -> None:
    """Let it trust whom it was told to, unless it has more to say of it than that."""
    file, folder = connection.ca_certs, connection.ca_cert_dir
    verifies = connection.cert_reqs in (ssl.CERT_REQUIRED, "CERT_REQUIRED", "REQUIRED")
    more = connection.ssl_context or connection.cert_file or connection.ca_cert_data
    # A proxy that speaks TLS is checked by the same names of files.
    to_proxy = connection.proxy is not None and connection.proxy.scheme == "https"
    if not verifies or more or to_proxy or not (file or folder):
        return
    connection.ssl_context = _of(file, folder, _changed(file))
    connection.ca_certs = connection.ca_cert_dir = None


@lru_cache(maxsize=_KEPT)
def _by_default(*_: object) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@lru_cache(maxsize=_KEPT)
def _of(file: str | None, folder: str | None, *_: object) -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(file, folder)
    return context


def _changed(file: str | None) -> tuple[int, int, int] | None:
    """What is another one when the file is; None where there is none to read."""
    try:
        now = os.stat(file or "")
    except OSError:
        return None
    return now.st_mtime_ns, now.st_size, now.st_ino
