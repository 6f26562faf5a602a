"""The keys by which a reply to an email finds its message."""

from providers.reply_keys import reply_token, sent_key, token_key

NAME = "sendgrid"


def message_keys(secret: str, reference: str, message_id: str | None) -> tuple[str, ...]:
    """The key of its reply token, then of its id where SendGrid has told it."""
    token = token_key(secret, reply_token(secret, reference))
    return (token, sent_key(secret, NAME, message_id)) if message_id else (token,)
