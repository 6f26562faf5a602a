#!/bin/sh
# Makes the namespace with its retention and search attributes; done again, it changes nothing.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}" "${MESSAGE_RETENTION:?}"

# The server's port is open before the server can do this.
try() {
    left=30
    until "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 2
    done
}

keep_namespace() {
    temporal operator namespace update -n "$TEMPORAL_NAMESPACE" --retention "$MESSAGE_RETENTION" ||
        temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention "$MESSAGE_RETENTION"
}

# A worker would add them itself, but needs to be allowed to.
keep_search_attributes() {
    temporal operator search-attribute create -n "$TEMPORAL_NAMESPACE" \
        --name MessageStatus --type Keyword \
        --name Channel --type Keyword \
        --name Recipient --type Keyword \
        --name Conversation --type Keyword \
        --name ReplyKeys --type KeywordList
}

try keep_namespace
try keep_search_attributes
