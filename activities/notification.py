"""What the activity that tells a service is given; workflows ask for it without its HTTP client."""

from pydantic import BaseModel, ConfigDict

from failover.names import TASK_QUEUE
from failover.notices import Notice
from failover.notify import Notify

NOTIFY = "notify_service"
#: Its own, so that services which do not answer hold nothing else up.
NOTIFY_QUEUE = f"{TASK_QUEUE}-notify"


class Notification(BaseModel):
    """What is told, and where."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    notify: Notify
    notice: Notice
