"""Google's credentials of a service account, by its library."""

from typing import Any

from google.oauth2.service_account import Credentials

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


def credentials(account: dict[str, Any]) -> Credentials:
    """Raises ValueError, or `GoogleAuthError`, where something is missing or is no key."""
    made: Credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        account, scopes=[SCOPE]
    )
    return made
