"""Who may use the codec server: whoever has its token, or signed in with it at its page."""

import hashlib
import hmac
import time

from fastapi import Request, Response

_COOKIE = "codec_session"
#: Seconds until one has to sign in again.
SESSION = 12 * 60 * 60


class Door:
    """The token opens it, as a bearer token; so does a cookie, from the Web UI's pages alone."""

    def __init__(self, token: str, origin: str) -> None:
        self._token, self._origin = token.encode(), origin

    def opens_for(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin not in (None, self._origin):
            return False
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.knows(given.strip()):
            return True
        if "token" in request.path_params:
            return self.knows(request.path_params["token"])
        return origin is not None and self.has_session(request)

    def knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token)

    def has_session(self, request: Request) -> bool:
        ends, _, proof = request.cookies.get(_COOKIE, "").partition(".")
        if not (ends.isascii() and ends.isdigit() and len(ends) < 16):
            return False
        given = proof.encode("utf-8", "replace")
        genuine = hmac.compare_digest(given, self._proof(ends).encode())
        return genuine and int(ends) > time.time()

    def admit(self, response: Response) -> None:
        """Give the browser a session: the token's proof, not the token itself."""
        ends = str(int(time.time()) + SESSION)
        response.set_cookie(
            _COOKIE,
            f"{ends}.{self._proof(ends)}",
            max_age=SESSION,
            httponly=True,
            secure=self._origin.startswith("https://"),
            samesite="strict",
        )

    def _proof(self, ends: str) -> str:
        return hmac.new(self._token, f"codec session {ends}".encode(), hashlib.sha256).hexdigest()
