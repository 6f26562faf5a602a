"""Why a case cannot be on a channel."""

from tests.offers.offer import Never

NO_RECEIPTS = Never("neither SMS nor MMS has read receipts")
IN_WORDS = Never("its choices are lines of the text, and are answered in words")
HEARD = Never("a call is heard, not read")
KEYS_ALONE = Never("a person in a call presses keys, and no key says stop")
NO_REPORT = Never("a device that got nothing says nothing, and push services do not tell")
NO_STOP = Never("who wants none takes the permission away, and the address is gone")
