"""A row of the outbox as a mail that servers and readers understand. Pure."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from deliberate.mail.models import OutboxMessage


def compose(row: OutboxMessage, sender: str) -> EmailMessage:
    """The mail. Sent a second time it has the same Message-ID, so that readers may show it once."""
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = row.to
    mail["Subject"] = row.subject
    mail["Date"] = format_datetime(row.made_at)
    mail["Message-ID"] = f"<outbox-{row.id}-{row.made_at:%Y%m%d%H%M%S%f}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # no holiday notice answers it
    mail.set_content(row.body)
    if row.calendar:
        # Mail programs with a calendar read the alternative; for the others it is a file to open.
        mail.add_alternative(row.calendar, subtype="calendar", params={"method": method_of(row.calendar)})
        mail.add_attachment(row.calendar.encode(), "application", "ics", filename="meeting.ics")
    return mail


def method_of(calendar: str) -> str:
    """REQUEST, CANCEL or PUBLISH, as the calendar itself says: mail programs look at the header only."""
    lines = (line.strip().upper() for line in calendar.splitlines())
    return next((line.removeprefix("METHOD:") for line in lines if line.startswith("METHOD:")), "PUBLISH")
