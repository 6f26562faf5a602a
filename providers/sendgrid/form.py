"""The fields of a multipart form as bytes: a mail's text comes in whatever charset it was written.

The usual form readers decode as UTF-8, and keep attachments on the disk.
"""

from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from providers.base import Callback, CallbackMalformed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


def form_fields(callback: Callback) -> dict[str, bytes]:
    """The fields without the attached files. Raises `CallbackMalformed`."""
    kind, options = parse_options_header(callback.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise CallbackMalformed("the body is not multipart/form-data")
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        parser.write(callback.body)
        parser.finalize()
    except (FormParserError, ValueError):
        raise CallbackMalformed("the body is not the form that its Content-Type says") from None
    return form.fields


class _Form:
    """What the parser has found so far; it hands over everything in pieces."""

    def __init__(self) -> None:
        self.fields: dict[str, bytes] = {}
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._name: str | None = None
        self._data = bytearray()

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
        }

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        is_file = b"filename" in options
        self._name = None if is_file or name is None else name.decode(errors="replace")
        self._disposition = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name is not None:
            self._data.extend(data[start:end])

    def _part_end(self) -> None:
        if self._name is not None:
            self.fields.setdefault(self._name, bytes(self._data))
        self._data = bytearray()
