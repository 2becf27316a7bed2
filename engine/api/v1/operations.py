"""The table of operations: all that can be asked of version 1."""

from __future__ import annotations

from types import MappingProxyType

from engine.api.v1 import audit, consents, journeys, people, records, segments, tracking, webhooks
from engine.api.v1.cursor import Paged
from engine.api.v1.operation import Operation
from engine.api.v1.shapes import audit as audit_shapes
from engine.api.v1.shapes import journeys as journey_shapes
from engine.api.v1.shapes import messages as message_shapes
from engine.api.v1.shapes import people as people_shapes
from engine.api.v1.shapes import tracking as tracking_shapes
from engine.api.v1.shapes import webhooks as webhook_shapes
from engine.core.keys import Scope

__all__ = ["OPERATIONS"]

_PERSON = "/v1/people/{person}"
_NO_PERSON = MappingProxyType({404: "Nobody of this id has ever been heard of."})
_NO_JOURNEY = MappingProxyType({404: "There is no such journey."})
_NO_SEGMENT = MappingProxyType({404: "There is no such segment, or no such person."})
_NO_DELIVERY = MappingProxyType({404: "There is no such delivery."})

_PEOPLE = (
    Operation(
        "list_people", "GET", "/v1/people", "People", "Everybody, or who has an address",
        people.everybody, people_shapes.PeoplePage, query=people_shapes.PeopleQuery,
    ),
    Operation(
        "get_person", "GET", _PERSON, "People", "All that is presently known of a person",
        people.one, people_shapes.Person, tagged=True, refusals=_NO_PERSON,
    ),
    Operation(
        "get_origins", "GET", f"{_PERSON}/origins", "People",
        "Where each attribute and address of a person comes from", people.origins,
        people_shapes.Origins, refusals=_NO_PERSON,
    ),
    Operation(
        "change_person", "PATCH", _PERSON, "People", "Set attributes of a person",
        people.change, people_shapes.Accepted, Scope.WRITE, body=people_shapes.AttributeChange,
        status=202, conditional=True,
        about="Somebody new becomes known by it. The change is durable when it is answered, and"
        " shows as soon as it is processed. With `If-Match`, it is refused if the person looks"
        " different from what was read; two changes at the same moment can still both be taken.",
        refusals=MappingProxyType(
            {404: "Nobody of this id, with If-Match.", 412: "The person has changed since."}
        ),
    ),
    Operation(
        "erase_person", "DELETE", _PERSON, "Privacy", "Have a person forgotten",
        consents.erase, people_shapes.Accepted, Scope.WRITE,
        about="Everything that is known of them goes, and they leave every journey.",
    ),
    Operation(
        "get_erasure", "GET", f"{_PERSON}/erasure", "Privacy", "How far forgetting a person is",
        consents.erasure, people_shapes.Erasure,
    ),
    Operation(
        "export_person", "GET", f"{_PERSON}/export", "Privacy",
        "All that is known of a person, for them to have", consents.export,
        people_shapes.ExportedPerson, refusals=_NO_PERSON,
    ),
    Operation(
        "list_events", "GET", f"{_PERSON}/events", "People", "What a person did, newest first",
        people.events, people_shapes.EventPage, query=people_shapes.EventQuery,
        refusals=_NO_PERSON,
    ),
    Operation(
        "list_person_segments", "GET", f"{_PERSON}/segments", "Segments",
        "Which segments a person is in", segments.of_person, journey_shapes.PersonSegments,
        refusals=_NO_PERSON,
    ),
    Operation(
        "list_person_runs", "GET", f"{_PERSON}/runs", "Journeys",
        "Runs of a person, the last that began first", journeys.of_person,
        journey_shapes.RunPage, query=Paged, refusals=_NO_PERSON,
    ),
    Operation(
        "get_run", "GET", f"{_PERSON}/runs/{{run}}", "Journeys", "One run of a person",
        journeys.run, journey_shapes.Run, refusals=MappingProxyType({404: "There is none."}),
    ),
    Operation(
        "take_out", "DELETE", f"{_PERSON}/runs/{{run}}", "Journeys", "Take a person out of a run",
        journeys.take_out, people_shapes.Accepted, Scope.WRITE, status=202,
        about="They leave as `taken out`, by no step of the journey, and messages of the run that"
        " wait are not sent. What is being handed over just then may still go. Of a run that has"
        " left already, what waits is not sent either.",
        refusals=MappingProxyType({404: "There is none."}),
    ),
    Operation(
        "list_deliveries", "GET", f"{_PERSON}/deliveries", "Messages",
        "Messages of a person, newest first", records.deliveries, message_shapes.DeliveryPage,
        query=Paged, refusals=_NO_PERSON,
    ),
    Operation(
        "list_decisions", "GET", f"{_PERSON}/decisions", "Messages",
        "Why: every decision about a person, newest first", records.decisions,
        message_shapes.DecisionPage, query=Paged, refusals=_NO_PERSON,
    ),
    Operation(
        "get_story", "GET", f"{_PERSON}/why", "Messages",
        "A person's story in words, as `wayline why` tells it", records.story,
        message_shapes.Story, refusals=_NO_PERSON,
    ),
    Operation(
        "get_consents", "GET", f"{_PERSON}/consents", "Consent",
        "What a person said about being written to, and what follows", consents.ledger,
        people_shapes.Consents, query=people_shapes.ConsentQuery, refusals=_NO_PERSON,
    ),
    Operation(
        "record_consent", "POST", f"{_PERSON}/consents", "Consent",
        "Record one word of a person, with its proof", consents.record, people_shapes.Accepted,
        Scope.WRITE, body=people_shapes.NewConsent, status=202,
    ),
)  # fmt: skip

_OTHERS = (
    Operation(
        "list_suppressions", "GET", "/v1/suppressions", "Messages",
        "Addresses that are not written to any more", people.suppressions,
        people_shapes.SuppressionPage, query=Paged,
    ),
    Operation(
        "list_deeds", "GET", "/v1/audit", "Privacy",
        "Who read or changed what of whom, newest first", audit.log, audit_shapes.DeedPage,
        Scope.ADMIN, query=audit_shapes.DeedQuery,
    ),
    Operation(
        "list_oddities", "GET", "/v1/tracking", "Tracking plan",
        "What was sent and does not fit the tracking plan", tracking.oddities,
        tracking_shapes.Oddities, query=tracking_shapes.OdditiesQuery,
    ),
    Operation(
        "get_delivery", "GET", "/v1/deliveries/{delivery}", "Messages", "One message",
        records.delivery, message_shapes.Delivery, refusals=_NO_DELIVERY,
    ),
    Operation(
        "list_receipts", "GET", "/v1/deliveries/{delivery}/receipts", "Messages",
        "What was told about a message", records.receipts, message_shapes.ReceiptList,
        refusals=_NO_DELIVERY,
    ),
    Operation(
        "list_journeys", "GET", "/v1/journeys", "Journeys", "All journeys",
        journeys.everything, journey_shapes.JourneyList, tagged=True,
    ),
    Operation(
        "get_journey", "GET", "/v1/journeys/{journey}", "Journeys",
        "A journey with its source, and who is in it", journeys.one,
        journey_shapes.JourneySource, refusals=_NO_JOURNEY,
    ),
    Operation(
        "list_journey_runs", "GET", "/v1/journeys/{journey}/runs", "Journeys",
        "Runs of a journey", journeys.inside, journey_shapes.RunPage,
        query=journey_shapes.JourneyRunsQuery, refusals=_NO_JOURNEY,
    ),
    Operation(
        "start_run", "POST", "/v1/journeys/{journey}/runs", "Journeys",
        "Let a person into a journey that starts on a call", journeys.start,
        people_shapes.Accepted, Scope.WRITE, body=journey_shapes.NewRun, status=202,
        refusals=MappingProxyType({404: "There is no such journey that starts on a call."}),
    ),
    Operation(
        "list_segments", "GET", "/v1/segments", "Segments", "All segments", segments.everything,
        journey_shapes.SegmentList, tagged=True,
    ),
    Operation(
        "get_segment", "GET", "/v1/segments/{segment}", "Segments", "One segment", segments.one,
        journey_shapes.Segment, refusals=_NO_SEGMENT,
    ),
    Operation(
        "get_segment_size", "GET", "/v1/segments/{segment}/size", "Segments",
        "How many people are in a segment", segments.size, journey_shapes.SegmentSize,
        refusals=_NO_SEGMENT,
    ),
    Operation(
        "list_members", "GET", "/v1/segments/{segment}/members", "Segments",
        "Who is in a segment", segments.inside, journey_shapes.MemberPage, query=Paged,
        refusals=_NO_SEGMENT,
    ),
    Operation(
        "get_membership", "GET", "/v1/segments/{segment}/members/{person}", "Segments",
        "Whether a person is in a segment, and why", segments.membership,
        journey_shapes.Membership, refusals=_NO_SEGMENT,
    ),
)  # fmt: skip

_HOOK = "/v1/webhooks/{webhook}"
_NO_HOOK = MappingProxyType({404: "There is no such webhook."})
_NO_HOOK_OF_OURS = MappingProxyType(
    {404: "There is no such webhook.", 409: "It comes from the settings, and is changed there."}
)
_WEBHOOKS = (
    Operation(
        "list_webhooks", "GET", "/v1/webhooks", "Webhooks", "Who is told of what happens",
        webhooks.everything, webhook_shapes.WebhookList, Scope.ADMIN,
    ),
    Operation(
        "create_webhook", "POST", "/v1/webhooks", "Webhooks", "Have somebody told of what happens",
        webhooks.make, webhook_shapes.WebhookSecret, Scope.ADMIN,
        body=webhook_shapes.NewWebhook, status=201,
        about="Messages are signed as the Standard Webhooks say. The secret is shown this once.",
        refusals=MappingProxyType({409: "There are too many."}),
    ),
    Operation(
        "get_webhook", "GET", _HOOK, "Webhooks", "One webhook, and how it goes", webhooks.one,
        webhook_shapes.Webhook, Scope.ADMIN, refusals=_NO_HOOK,
    ),
    Operation(
        "change_webhook", "PATCH", _HOOK, "Webhooks",
        "Another address, other things to tell, off, or on again", webhooks.change,
        webhook_shapes.Webhook, Scope.ADMIN, body=webhook_shapes.WebhookChange,
        refusals=_NO_HOOK_OF_OURS,
    ),
    Operation(
        "delete_webhook", "DELETE", _HOOK, "Webhooks", "Tell nothing more there",
        webhooks.remove, webhook_shapes.Webhook, Scope.ADMIN, refusals=_NO_HOOK_OF_OURS,
    ),
    Operation(
        "rotate_webhook", "POST", f"{_HOOK}/rotation", "Webhooks",
        "A new secret, beside which the one before signs for a day", webhooks.rotate,
        webhook_shapes.WebhookSecret, Scope.ADMIN, refusals=_NO_HOOK,
    ),
    Operation(
        "try_webhook", "POST", f"{_HOOK}/trial", "Webhooks", "Send a message as a trial, now",
        webhooks.try_out, webhook_shapes.Trial, Scope.ADMIN, refusals=_NO_HOOK,
    ),
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = (*_PEOPLE, *_OTHERS, *_WEBHOOKS)
