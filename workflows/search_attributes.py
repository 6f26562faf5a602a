"""What a message can be found by in Temporal; none of it holds an address or a text."""

from temporalio.common import SearchAttributeKey

from failover.names import SearchAttribute

MESSAGE_STATUS = SearchAttributeKey.for_keyword(SearchAttribute.MESSAGE_STATUS)
CHANNEL = SearchAttributeKey.for_keyword(SearchAttribute.CHANNEL)
RECIPIENT = SearchAttributeKey.for_keyword(SearchAttribute.RECIPIENT)
CONVERSATION = SearchAttributeKey.for_keyword(SearchAttribute.CONVERSATION)
REPLY_KEYS = SearchAttributeKey.for_keyword_list(SearchAttribute.REPLY_KEYS)

#: `MessageStatus` after it was cancelled.
CANCELLED = "cancelled"
