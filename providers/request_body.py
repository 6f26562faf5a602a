"""How an adapter knows whether a request can have reached the provider."""

import io


class RequestBody(io.BytesIO):
    """A body that knows whether it was asked for.

    urllib3 reads it only once the connection stands and the headers are out, so a body that
    nobody read is a request that the provider never had, whatever exception says so.
    """

    asked_for = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked_for = True
        return super().read(size)
