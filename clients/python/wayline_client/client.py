# Written by clients/python/generate.py from the OpenAPI document; do not edit.

"""The Wayline API, version 0.1.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from wayline_client.shapes import (
    Accepted,
    Consents,
    Decision,
    DecisionPage,
    Deed,
    DeedPage,
    Delivery,
    DeliveryPage,
    Erasure,
    Event,
    EventPage,
    ExportedPerson,
    JourneyList,
    JourneySource,
    MemberPage,
    Membership,
    Oddities,
    Origins,
    PeoplePage,
    Person,
    PersonName,
    PersonSegments,
    ReceiptList,
    Run,
    RunPage,
    Segment,
    SegmentList,
    SegmentSize,
    Story,
    Suppression,
    SuppressionPage,
    Trial,
    Webhook,
    WebhookList,
    WebhookSecret,
)
from wayline_client.transport import Transport, in_path

__all__ = ["Client"]


class Client(Transport):
    """The Wayline API, version 0.1.0. What is refused raises Refused."""

    def list_deeds(
        self, *, limit: int | None = None, cursor: str | None = None, person: str | None = None
    ) -> DeedPage:
        """Who read or changed what of whom, newest first. Asks for a key with the scope
        `admin`.
        """
        answer = self._ask(
            "GET",
            "/v1/audit",
            query={"limit": limit, "cursor": cursor, "person": person},
        )
        found: DeedPage = answer
        return found

    def all_deeds(self, *, limit: int | None = None, person: str | None = None) -> Iterator[Deed]:
        """All that ``list_deeds`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_deeds(limit=limit, person=person, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_delivery(self, delivery: str) -> Delivery:
        """One message. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/deliveries/{in_path(delivery)}",
        )
        found: Delivery = answer
        return found

    def list_receipts(self, delivery: str) -> ReceiptList:
        """What was told about a message. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/deliveries/{in_path(delivery)}/receipts",
        )
        found: ReceiptList = answer
        return found

    def list_journeys(self, *, if_none_match: str | None = None) -> JourneyList:
        """All journeys. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            "/v1/journeys",
            headers={"If-None-Match": if_none_match},
        )
        found: JourneyList = answer
        return found

    def get_journey(self, journey: str) -> JourneySource:
        """A journey with its source, and who is in it. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/journeys/{in_path(journey)}",
        )
        found: JourneySource = answer
        return found

    def list_journey_runs(
        self,
        journey: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        status: Literal["live", "watched", "closed"] | None = None,
    ) -> RunPage:
        """Runs of a journey. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/journeys/{in_path(journey)}/runs",
            query={"limit": limit, "cursor": cursor, "status": status},
        )
        found: RunPage = answer
        return found

    def all_journey_runs(
        self,
        journey: str,
        *,
        limit: int | None = None,
        status: Literal["live", "watched", "closed"] | None = None,
    ) -> Iterator[Run]:
        """All that ``list_journey_runs`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_journey_runs(journey, limit=limit, status=status, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def start_run(
        self,
        journey: str,
        *,
        person: str,
        inputs: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Let a person into a journey that starts on a call. Asks for a key with the scope
        `write`.
        """
        answer = self._ask(
            "POST",
            f"/v1/journeys/{in_path(journey)}/runs",
            headers={"Idempotency-Key": idempotency_key},
            body={"person": person, "inputs": inputs},
        )
        found: Accepted = answer
        return found

    def list_people(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        address: str | None = None,
    ) -> PeoplePage:
        """Everybody, or who has an address. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            "/v1/people",
            query={
                "limit": limit,
                "cursor": cursor,
                "email": email,
                "phone": phone,
                "address": address,
            },
        )
        found: PeoplePage = answer
        return found

    def all_people(
        self,
        *,
        limit: int | None = None,
        email: str | None = None,
        phone: str | None = None,
        address: str | None = None,
    ) -> Iterator[PersonName]:
        """All that ``list_people`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_people(
                limit=limit, email=email, phone=phone, address=address, cursor=cursor
            )
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_person(self, person: str, *, if_none_match: str | None = None) -> Person:
        """All that is presently known of a person. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}",
            headers={"If-None-Match": if_none_match},
        )
        found: Person = answer
        return found

    def change_person(
        self, person: str, *, attributes: dict[str, Any], if_match: str | None = None
    ) -> Accepted:
        """Set attributes of a person. Somebody new becomes known by it. The change is durable
        when it is answered, and shows as soon as it is processed. With `If-Match`, it is
        refused if the person looks different from what was read; two changes at the same
        moment can still both be taken. Asks for a key with the scope `write`.
        """
        answer = self._ask(
            "PATCH",
            f"/v1/people/{in_path(person)}",
            headers={"If-Match": if_match},
            body={"attributes": attributes},
        )
        found: Accepted = answer
        return found

    def erase_person(self, person: str) -> Accepted:
        """Have a person forgotten. Everything that is known of them goes, and they leave every
        journey. Asks for a key with the scope `write`.
        """
        answer = self._ask(
            "DELETE",
            f"/v1/people/{in_path(person)}",
        )
        found: Accepted = answer
        return found

    def get_consents(
        self, person: str, *, at: str | None = None, known_at: str | None = None
    ) -> Consents:
        """What a person said about being written to, and what follows. Asks for a key with the
        scope `read`.
        """
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/consents",
            query={"at": at, "known_at": known_at},
        )
        found: Consents = answer
        return found

    def record_consent(
        self,
        person: str,
        *,
        word: Literal["granted", "withdrawn", "requested"],
        category: str,
        channel: str | None = None,
        occurred: str | None = None,
        method: str | None = None,
        source: str | None = None,
        wording: str | None = None,
        actor: str | None = None,
        basis: str | None = None,
        sale: str | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Record one word of a person, with its proof. Asks for a key with the scope `write`."""
        answer = self._ask(
            "POST",
            f"/v1/people/{in_path(person)}/consents",
            headers={"Idempotency-Key": idempotency_key},
            body={
                "word": word,
                "category": category,
                "channel": channel,
                "occurred": occurred,
                "method": method,
                "source": source,
                "wording": wording,
                "actor": actor,
                "basis": basis,
                "sale": sale,
            },
        )
        found: Accepted = answer
        return found

    def list_decisions(
        self, person: str, *, limit: int | None = None, cursor: str | None = None
    ) -> DecisionPage:
        """Why: every decision about a person, newest first. Asks for a key with the scope
        `read`.
        """
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/decisions",
            query={"limit": limit, "cursor": cursor},
        )
        found: DecisionPage = answer
        return found

    def all_decisions(self, person: str, *, limit: int | None = None) -> Iterator[Decision]:
        """All that ``list_decisions`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_decisions(person, limit=limit, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def list_deliveries(
        self, person: str, *, limit: int | None = None, cursor: str | None = None
    ) -> DeliveryPage:
        """Messages of a person, newest first. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/deliveries",
            query={"limit": limit, "cursor": cursor},
        )
        found: DeliveryPage = answer
        return found

    def all_deliveries(self, person: str, *, limit: int | None = None) -> Iterator[Delivery]:
        """All that ``list_deliveries`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_deliveries(person, limit=limit, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_erasure(self, person: str) -> Erasure:
        """How far forgetting a person is. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/erasure",
        )
        found: Erasure = answer
        return found

    def list_events(
        self,
        person: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        name: str | None = None,
    ) -> EventPage:
        """What a person did, newest first. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/events",
            query={"limit": limit, "cursor": cursor, "name": name},
        )
        found: EventPage = answer
        return found

    def all_events(
        self, person: str, *, limit: int | None = None, name: str | None = None
    ) -> Iterator[Event]:
        """All that ``list_events`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_events(person, limit=limit, name=name, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def export_person(self, person: str) -> ExportedPerson:
        """All that is known of a person, for them to have. Asks for a key with the scope
        `read`.
        """
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/export",
        )
        found: ExportedPerson = answer
        return found

    def get_origins(self, person: str) -> Origins:
        """Where each attribute and address of a person comes from. Asks for a key with the
        scope `read`.
        """
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/origins",
        )
        found: Origins = answer
        return found

    def list_person_runs(
        self, person: str, *, limit: int | None = None, cursor: str | None = None
    ) -> RunPage:
        """Runs of a person, the last that began first. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/runs",
            query={"limit": limit, "cursor": cursor},
        )
        found: RunPage = answer
        return found

    def all_person_runs(self, person: str, *, limit: int | None = None) -> Iterator[Run]:
        """All that ``list_person_runs`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_person_runs(person, limit=limit, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_run(self, person: str, run: str) -> Run:
        """One run of a person. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/runs/{in_path(run)}",
        )
        found: Run = answer
        return found

    def take_out(self, person: str, run: str) -> Accepted:
        """Take a person out of a run. They leave as `taken out`, by no step of the journey, and
        messages of the run that wait are not sent. What is being handed over just then may
        still go. Of a run that has left already, what waits is not sent either. Asks for a
        key with the scope `write`.
        """
        answer = self._ask(
            "DELETE",
            f"/v1/people/{in_path(person)}/runs/{in_path(run)}",
        )
        found: Accepted = answer
        return found

    def list_person_segments(self, person: str) -> PersonSegments:
        """Which segments a person is in. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/segments",
        )
        found: PersonSegments = answer
        return found

    def get_story(self, person: str) -> Story:
        """A person's story in words, as `wayline why` tells it. Asks for a key with the scope
        `read`.
        """
        answer = self._ask(
            "GET",
            f"/v1/people/{in_path(person)}/why",
        )
        found: Story = answer
        return found

    def list_segments(self, *, if_none_match: str | None = None) -> SegmentList:
        """All segments. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            "/v1/segments",
            headers={"If-None-Match": if_none_match},
        )
        found: SegmentList = answer
        return found

    def get_segment(self, segment: str) -> Segment:
        """One segment. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/segments/{in_path(segment)}",
        )
        found: Segment = answer
        return found

    def list_members(
        self, segment: str, *, limit: int | None = None, cursor: str | None = None
    ) -> MemberPage:
        """Who is in a segment. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/segments/{in_path(segment)}/members",
            query={"limit": limit, "cursor": cursor},
        )
        found: MemberPage = answer
        return found

    def all_members(self, segment: str, *, limit: int | None = None) -> Iterator[str]:
        """All that ``list_members`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_members(segment, limit=limit, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def get_membership(self, segment: str, person: str) -> Membership:
        """Whether a person is in a segment, and why. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/segments/{in_path(segment)}/members/{in_path(person)}",
        )
        found: Membership = answer
        return found

    def get_segment_size(self, segment: str) -> SegmentSize:
        """How many people are in a segment. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            f"/v1/segments/{in_path(segment)}/size",
        )
        found: SegmentSize = answer
        return found

    def list_suppressions(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> SuppressionPage:
        """Addresses that are not written to any more. Asks for a key with the scope `read`."""
        answer = self._ask(
            "GET",
            "/v1/suppressions",
            query={"limit": limit, "cursor": cursor},
        )
        found: SuppressionPage = answer
        return found

    def all_suppressions(self, *, limit: int | None = None) -> Iterator[Suppression]:
        """All that ``list_suppressions`` lists, asked for page by page as it is needed."""
        cursor: str | None = None
        while True:
            page = self.list_suppressions(limit=limit, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def list_oddities(self, *, days: int | None = None) -> Oddities:
        """What was sent and does not fit the tracking plan. Asks for a key with the scope
        `read`.
        """
        answer = self._ask(
            "GET",
            "/v1/tracking",
            query={"days": days},
        )
        found: Oddities = answer
        return found

    def list_webhooks(self) -> WebhookList:
        """Who is told of what happens. Asks for a key with the scope `admin`."""
        answer = self._ask(
            "GET",
            "/v1/webhooks",
        )
        found: WebhookList = answer
        return found

    def create_webhook(
        self,
        *,
        url: str,
        events: list[str],
        about: str | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookSecret:
        """Have somebody told of what happens. Messages are signed as the Standard Webhooks say.
        The secret is shown this once. Asks for a key with the scope `admin`.
        """
        answer = self._ask(
            "POST",
            "/v1/webhooks",
            headers={"Idempotency-Key": idempotency_key},
            body={"url": url, "events": events, "about": about},
        )
        found: WebhookSecret = answer
        return found

    def get_webhook(self, webhook: str) -> Webhook:
        """One webhook, and how it goes. Asks for a key with the scope `admin`."""
        answer = self._ask(
            "GET",
            f"/v1/webhooks/{in_path(webhook)}",
        )
        found: Webhook = answer
        return found

    def change_webhook(
        self,
        webhook: str,
        *,
        url: str | None = None,
        events: list[str] | None = None,
        about: str | None = None,
        active: bool | None = None,
    ) -> Webhook:
        """Another address, other things to tell, off, or on again. Asks for a key with the
        scope `admin`.
        """
        answer = self._ask(
            "PATCH",
            f"/v1/webhooks/{in_path(webhook)}",
            body={"url": url, "events": events, "about": about, "active": active},
        )
        found: Webhook = answer
        return found

    def delete_webhook(self, webhook: str) -> Webhook:
        """Tell nothing more there. Asks for a key with the scope `admin`."""
        answer = self._ask(
            "DELETE",
            f"/v1/webhooks/{in_path(webhook)}",
        )
        found: Webhook = answer
        return found

    def rotate_webhook(self, webhook: str, *, idempotency_key: str | None = None) -> WebhookSecret:
        """A new secret, beside which the one before signs for a day. Asks for a key with the
        scope `admin`.
        """
        answer = self._ask(
            "POST",
            f"/v1/webhooks/{in_path(webhook)}/rotation",
            headers={"Idempotency-Key": idempotency_key},
        )
        found: WebhookSecret = answer
        return found

    def try_webhook(self, webhook: str, *, idempotency_key: str | None = None) -> Trial:
        """Send a message as a trial, now. Asks for a key with the scope `admin`."""
        answer = self._ask(
            "POST",
            f"/v1/webhooks/{in_path(webhook)}/trial",
            headers={"Idempotency-Key": idempotency_key},
        )
        found: Trial = answer
        return found
