"""What is answered to STOP, START and HELP where the policy says nothing else: short, without a word
of advertising (47 CFR 64.1200(a)(12)), with who writes and how to undo it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from channels.replies import Word
from dsl.policy import Policy

__all__ = ["WORDINGS", "wording"]

WORDINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "stop": "{company}: you are unsubscribed and get no more promotional messages at this"
            " number. To undo: START",
            "start": "{company}: you are subscribed again. To unsubscribe: STOP. For help: HELP",
            "help": "{company}: {help}To unsubscribe: STOP. To subscribe again: START. Msg & data"
            " rates may apply.",
            "contact": "for help: {contact}. ",
        },
        "de": {
            "stop": "{company}: Sie sind abgemeldet und erhalten unter dieser Nummer keine Werbung"
            " mehr. Doch wieder: START",
            "start": "{company}: Sie sind wieder angemeldet. Abmelden: STOP. Hilfe: HILFE",
            "help": "{company}: {help}Abmelden: STOP. Wieder anmelden: START.",
            "contact": "Hilfe: {contact}. ",
        },
        "fr": {
            "stop": "{company} : vous êtes désabonné et ne recevrez plus de publicité à ce numéro."
            " Pour annuler : START",
            "start": "{company} : vous êtes de nouveau abonné. Pour arrêter : STOP. Aide : AIDE",
            "help": "{company} : {help}Pour arrêter : STOP. Pour reprendre : START.",
            "contact": "aide : {contact}. ",
        },
        "es": {
            "stop": "{company}: te has dado de baja y no recibirás más publicidad en este número."
            " Para deshacerlo: START",
            "start": "{company}: vuelves a estar suscrito. Para darte de baja: STOP. Ayuda: AYUDA",
            "help": "{company}: {help}Para darte de baja: STOP. Para volver: START.",
            "contact": "ayuda: {contact}. ",
        },
        "it": {
            "stop": "{company}: iscrizione annullata, non riceverai più pubblicità a questo numero."
            " Per riprendere: START",
            "start": "{company}: sei di nuovo iscritto. Per annullare: STOP. Aiuto: AIUTO",
            "help": "{company}: {help}Per annullare: STOP. Per riprendere: START.",
            "contact": "aiuto: {contact}. ",
        },
        "pt": {
            "stop": "{company}: a subscrição foi cancelada e não receberá mais publicidade neste"
            " número. Para desfazer: START",
            "start": "{company}: está subscrito de novo. Para cancelar: STOP. Ajuda: AJUDA",
            "help": "{company}: {help}Para cancelar: STOP. Para voltar: START.",
            "contact": "ajuda: {contact}. ",
        },
        "nl": {
            "stop": "{company}: u bent afgemeld en krijgt op dit nummer geen reclame meer. Toch"
            " weer: START",
            "start": "{company}: u bent weer aangemeld. Afmelden: STOP. Hulp: HULP",
            "help": "{company}: {help}Afmelden: STOP. Weer aanmelden: START.",
            "contact": "hulp: {contact}. ",
        },
    }
)
"""By language and word. ``contact`` is how the answer to HELP begins if there is a contact."""


def wording(policy: Policy, word: Word, language: str) -> str:
    """The answer in the language of the person: the policy's if it has one, else ours; in the next
    best language where there is none in theirs.
    """
    wanted = _chain(language, policy.languages)
    written = policy.replies.texts.get(word, {})
    for each in wanted:
        if each in written:
            return written[each]
    if written:
        return written.get("") or next(iter(written.values()))
    ours = next(WORDINGS[each] for each in (*wanted, "en") if each in WORDINGS)
    contact = policy.replies.contact
    said = ours["contact"].format(contact=contact) if contact else ""
    return ours[word].format(company=policy.name, help=said)


def _chain(language: str, languages: Sequence[str]) -> list[str]:
    """de-AT, de, and what the company speaks."""
    named = [language, language.partition("-")[0], *languages]
    return [*named, *(each.partition("-")[0] for each in languages)]
